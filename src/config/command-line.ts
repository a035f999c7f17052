import { Command, CommanderError } from "commander";
import { unknownArgument } from "../report/config.ts";
import { logLevels } from "../report/log.ts";
import { version } from "../report/version.ts";
import { otlpProtocols } from "./config.ts";
import type { Flags } from "./read.ts";
import { type Setting, settings } from "./settings.ts";

export type CommandLine =
  | { readonly command: "run"; readonly flags: Flags }
  | { readonly command: "supported-versions"; readonly json: boolean }
  /** Help or version were asked for and stand on stdout already. */
  | { readonly command: "nothing" };

/**
 * What the words behind the command's name ask for.
 * @throws UserError (usage) for an unknown flag or command
 */
export function parseCommandLine(words: readonly string[]): CommandLine {
  const program = commandLine();
  try {
    program.parse(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { command: "nothing" };
    throw refused(program, error.message);
  }
  if (program.args.length > 0) throw refused(program, `unknown command ${JSON.stringify(program.args[0])}`);
  const options = program.opts<Options>();
  if (options.supportedVersions) return { command: "supported-versions", json: options.json ?? false };
  if (options.json) throw refused(program, "--json goes with --supported-versions only");
  return { command: "run", flags: flagTexts(options) };
}

interface Options {
  pid?: string[];
  serviceName?: string;
  endpoint?: string;
  protocol?: string;
  console?: true;
  verbose?: true;
  logLevel?: string;
  disable?: string;
  supportedVersions?: true;
  json?: true;
}

function commandLine(): Command {
  const collect = (pid: string, before: string[] = []) => [...before, pid];
  return new Command("otel-go-auto")
    .description("OpenTelemetry traces of a Go program that is already running.")
    .usage("--pid PID [flags]")
    .option("--pid <pid>", "process to trace; may be given several times", collect)
    .option("--service-name <name>", "service.name of the spans; default is the executable's name")
    .option("--endpoint <url>", "where OTLP goes; default is http://localhost:4318")
    .option(
      "--protocol <protocol>",
      `${otlpProtocols.join(", ")}; default is http/protobuf, grpc for port 4317`,
    )
    .option("--console", "draw each trace in this terminal instead of sending it")
    .option("--disable <libraries>", "comma-separated import paths, or their last parts, that are left alone")
    .option("--verbose", "the same as --log-level debug")
    .option("--log-level <level>", logLevels.join(", "))
    .option("--supported-versions", "print Go versions, libraries, architectures and kernels")
    .option("--json", "with --supported-versions: as JSON")
    .version(version, "--version", "print the version")
    .helpOption("--help", "print this help")
    .addHelpText("after", variablesHelp())
    .allowExcessArguments(true)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
}

function variablesHelp(): string {
  const names = Object.values<Setting>(settings).flatMap(({ variables }) => variables);
  const folded = names.map((name) => name.replace(/_OTLP_(TRACES_)?/, "_OTLP_[TRACES_]"));
  const lines = [...new Set(folded)].map((name) => `  ${name}`);
  return ["", "Environment variables (a flag beats its variable):", ...lines].join("\n");
}

function refused(program: Command, message: string): Error {
  const [what = "", suggestion] = message.replace(/^error: /, "").split("\n");
  const didYouMean = suggestion === undefined ? undefined : /Did you mean (.*)\?/.exec(suggestion)?.[1];
  const flags = program.options.map(({ long }) => long ?? "").concat("--help");
  return unknownArgument(what, flags, didYouMean && `did you mean ${didYouMean}?`);
}

function flagTexts(options: Options): Flags {
  return {
    "--pid": options.pid?.join(","),
    "--service-name": options.serviceName,
    "--endpoint": options.endpoint,
    "--protocol": options.protocol,
    "--console": options.console && "console",
    "--log-level": options.logLevel ?? (options.verbose && "debug"),
    "--disable": options.disable,
  };
}
