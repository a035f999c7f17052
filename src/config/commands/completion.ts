import type { Command } from "commander";
import { unknownShell } from "../../report/config.ts";
import { commandHelp } from "../help.ts";
import { refuseFlagsBefore, subcommand } from "./command.ts";
import { type Found, shells } from "./line.ts";

export function addCompletion(program: Command, found: Found): void {
  const completion = subcommand(program, "completion")
    .description("Prints what makes a shell complete this command's words.")
    .argument("<shell>", shells.join(", "))
    .addHelpText("after", commandHelp.completion);
  completion.action((word: string) => {
    refuseFlagsBefore(program, completion);
    const shell = shells.find((name) => name === word);
    if (shell === undefined) throw unknownShell(word, shells);
    found({ command: "completion", shell });
  });
}
