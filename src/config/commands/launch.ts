import type { Command } from "commander";
import { noCommand } from "../../report/config.ts";
import { commandHelp } from "../help.ts";
import { refuseFlagsBefore, subcommand } from "./command.ts";
import { addTracingFlags, flagTexts, type Options } from "./flags.ts";
import type { Found } from "./line.ts";

/** The command `run`: what stands behind it is the application's, flags included. */
export function addLaunch(program: Command, found: Found): void {
  const run = subcommand(program, "run")
    .description("Starts a program and traces it from its first request on.")
    .usage("[flags] -- COMMAND [arguments]")
    .argument("[command...]", "the program and its arguments")
    .passThroughOptions();
  addTracingFlags(run).addHelpText("after", commandHelp.run);
  run.action((words: string[], options: Options) => {
    refuseFlagsBefore(program, run);
    if (words.length === 0) throw noCommand();
    found({ command: "launch", flags: flagTexts(options), words });
  });
}
