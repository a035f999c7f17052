import type { Command } from "commander";
import { badValue, oneProgram } from "../../report/config.ts";
import { commandHelp } from "../help.ts";
import { functionPattern } from "../rules/words.ts";
import { InvalidValue } from "../values.ts";
import { refuseFlagsBefore, subcommand } from "./command.ts";
import { flagTexts, type Options, withConfig, withDisable, withLogLevel, withPid } from "./flags.ts";
import type { Found } from "./line.ts";

/** As a rule names functions. */
function wanted(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return functionPattern(text);
  } catch (error) {
    if (error instanceof InvalidValue) throw badValue("--functions", text, error.valid);
    throw error;
  }
}

export function addInspect(program: Command, found: Found): void {
  const inspect = subcommand(program, "inspect")
    .description(
      "Says what would be traced in a Go program, and where each offset comes from. Needs no root.",
    )
    .usage("FILE | --pid PID [flags]")
    .argument("[file]", "the executable");
  withLogLevel(withConfig(withDisable(withPid(inspect, "a running process instead of a file"))))
    .option("--json", "as JSON")
    .option("--functions <pattern>", "list functions that a rule may name, such as 'main.*'")
    .addHelpText("after", commandHelp.inspect);
  inspect.action((file: string | undefined, options: Options) => {
    refuseFlagsBefore(program, inspect);
    if ((file === undefined) === (options.pid === undefined))
      throw oneProgram(file === undefined ? "nothing" : "a file and --pid");
    found({
      command: "inspect",
      file,
      flags: flagTexts(options),
      json: options.json ?? false,
      functions: wanted(options.functions),
    });
  });
}
