import { Command } from "commander";
import { version } from "../../report/version.ts";
import { variablesHelp } from "../help.ts";
import { quiet } from "./command.ts";
import { addTracingFlags, flagTexts, type Options, withPid } from "./flags.ts";
import type { Found } from "./line.ts";
import { refusedCommand } from "./refused.ts";

/** The main command; the others are added to it. */
export function agentCommand(found: Found): Command {
  const program = quiet(new Command("otel-go-auto"))
    .description("OpenTelemetry traces of a Go program that is already running.")
    .usage("--pid PID [flags]\n       otel-go-auto COMMAND")
    // An unknown command is refused by the action, which can say more about it.
    .allowExcessArguments(true)
    .helpCommand(false)
    .enablePositionalOptions()
    .addHelpText("after", variablesHelp());
  addTracingFlags(withPid(program, "process to trace; may be given several times"))
    .option("--dry-run", "attach nothing: print what would be, and try what the kernel allows")
    .option("--supported-versions", "print Go versions, libraries, architectures and kernels")
    .option(
      "--json",
      "a line of JSON on stdout for each program that is attached; or the answer of --supported-versions or --dry-run",
    )
    .version(version, "--version", "print the version");
  return program.action((options: Options) => {
    const [word] = program.args;
    if (word !== undefined) throw refusedCommand(program, word);
    const [flags, json] = [flagTexts(options), options.json ?? false];
    if (options.supportedVersions) return found({ command: "supported-versions", json });
    if (options.dryRun) return found({ command: "dry-run", flags, json });
    found({ command: "run", flags: { ...flags, "--json": json ? "json" : undefined } });
  });
}
