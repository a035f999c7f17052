import type { Command } from "commander";
import { oneProgram } from "../../report/config.ts";
import { commandHelp } from "../help.ts";
import { refuseFlagsBefore, subcommand } from "./command.ts";
import { flagTexts, type Options, withConfig, withDisable, withLogLevel, withPid } from "./flags.ts";
import type { Found } from "./line.ts";

export function addInspect(program: Command, found: Found): void {
  const inspect = subcommand(program, "inspect")
    .description(
      "Says what would be traced in a Go program, and where each offset comes from. Needs no root.",
    )
    .usage("FILE | --pid PID [flags]")
    .argument("[file]", "the executable");
  withLogLevel(withConfig(withDisable(withPid(inspect, "a running process instead of a file"))))
    .option("--json", "as JSON")
    .addHelpText("after", commandHelp.inspect);
  inspect.action((file: string | undefined, options: Options) => {
    refuseFlagsBefore(program, inspect);
    if ((file === undefined) === (options.pid === undefined))
      throw oneProgram(file === undefined ? "nothing" : "a file and --pid");
    found({ command: "inspect", file, flags: flagTexts(options), json: options.json ?? false });
  });
}
