import { Command, CommanderError } from "commander";
import { argumentsBeforeCommand, oneProgram, unknownArgument, unknownCommand } from "../report/config.ts";
import { logLevels } from "../report/log.ts";
import { version } from "../report/version.ts";
import { otlpProtocols } from "./config.ts";
import { commandHelp, variablesHelp } from "./help.ts";
import type { Flags } from "./read.ts";

export type CommandLine =
  | { readonly command: "run"; readonly flags: Flags }
  | { readonly command: "dry-run"; readonly flags: Flags; readonly json: boolean }
  | { readonly command: "supported-versions"; readonly json: boolean }
  /** Of the flags, --pid is there when there is no file, and only then. */
  | {
      readonly command: "inspect";
      readonly flags: Flags;
      readonly file: string | undefined;
      readonly json: boolean;
    }
  | { readonly command: "update-offsets"; readonly flags: Flags }
  /** Help or version were asked for and stand on stdout already. */
  | { readonly command: "nothing" };

/**
 * What the words behind the command's name ask for.
 * @throws UserError (usage) for an unknown flag or command
 */
export function parseCommandLine(words: readonly string[]): CommandLine {
  let line: CommandLine = { command: "nothing" };
  const program = commandLine((found) => {
    line = found;
  });
  try {
    program.parse(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { command: "nothing" };
    throw refused(commandOf(program, words), error.message);
  }
  return line;
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
  dryRun?: true;
  supportedVersions?: true;
  json?: true;
  from?: string;
  schedule?: string;
}

type Found = (line: CommandLine) => void;

function commandLine(found: Found): Command {
  const program = quiet(new Command("otel-go-auto"))
    .description("OpenTelemetry traces of a Go program that is already running.")
    .usage("--pid PID [flags]\n       otel-go-auto COMMAND")
    // An unknown command is refused by the action, which can say more about it.
    .allowExcessArguments(true)
    .option("--pid <pid>", "process to trace; may be given several times", collect)
    .option("--service-name <name>", "service.name of the spans; default is the executable's name")
    .option("--endpoint <url>", "where OTLP goes; default is http://localhost:4318")
    .option(
      "--protocol <protocol>",
      `${otlpProtocols.join(", ")}; default is http/protobuf, grpc for port 4317`,
    )
    .option("--console", "draw each trace in this terminal instead of sending it")
    .option("--disable <libraries>", disableHelp)
    .option("--verbose", "the same as --log-level debug")
    .option("--log-level <level>", logLevels.join(", "))
    .option("--dry-run", "attach nothing: print what would be, and try what the kernel allows")
    .option("--supported-versions", "print Go versions, libraries, architectures and kernels")
    .option("--json", "with --supported-versions or --dry-run: as JSON")
    .version(version, "--version", "print the version")
    .helpCommand(false)
    .enablePositionalOptions()
    .addHelpText("after", variablesHelp());
  program.action((options: Options) => {
    const [word] = program.args;
    if (word !== undefined) throw refusedCommand(program, word);
    const [flags, json] = [flagTexts(options), options.json ?? false];
    if (options.supportedVersions) return found({ command: "supported-versions", json });
    if (options.dryRun) return found({ command: "dry-run", flags, json });
    if (json) throw refused(program, "--json goes with --supported-versions, --dry-run and inspect");
    found({ command: "run", flags });
  });
  addInspect(program, found);
  addUpdateOffsets(program, found);
  return program;
}

const disableHelp = "comma-separated import paths, or their last parts, that are left alone";

function addInspect(program: Command, found: Found): void {
  const inspect = subcommand(program, "inspect")
    .description(
      "Says what would be traced in a Go program, and where each offset comes from. Needs no root.",
    )
    .usage("FILE | --pid PID [flags]")
    .argument("[file]", "the executable")
    .option("--pid <pid>", "a running process instead of a file", collect)
    .option("--disable <libraries>", disableHelp)
    .option("--log-level <level>", logLevels.join(", "))
    .option("--json", "as JSON")
    .addHelpText("after", commandHelp.inspect);
  inspect.action((file: string | undefined, options: Options) => {
    refuseFlagsBefore(program, inspect);
    if ((file === undefined) === (options.pid === undefined))
      throw oneProgram(file === undefined ? "nothing" : "a file and --pid");
    found({ command: "inspect", file, flags: flagTexts(options), json: options.json ?? false });
  });
}

function addUpdateOffsets(program: Command, found: Found): void {
  const update = subcommand(program, "update-offsets")
    .description("Fetches a newer offsets.json, checks it, and puts it in place of the old one.")
    .option("--from <source>", "URL, file, or folder that holds offsets.json and its checksum")
    .option("--schedule <cron>", "go on, and do it again whenever this cron expression says, in UTC")
    .option("--log-level <level>", logLevels.join(", "))
    .addHelpText("after", commandHelp.updateOffsets);
  update.action((options: Options) => {
    refuseFlagsBefore(program, update);
    found({ command: "update-offsets", flags: flagTexts(options) });
  });
}

function subcommand(program: Command, name: string): Command {
  return quiet(program.command(name)).allowExcessArguments(false);
}

/** Errors are thrown, and written by nobody but their catcher. */
function quiet(command: Command): Command {
  return command
    .helpOption("--help", "print this help")
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
}

function collect(pid: string, before: string[] = []): string[] {
  return [...before, pid];
}

/** The command whose flags a message should name. */
function commandOf(program: Command, words: readonly string[]): Command {
  return program.commands.find((command) => command.name() === words[0]) ?? program;
}

/** "otel-go-auto --pid 7 inspect": the flag would be taken for one of the agent's and have no effect. */
function refuseFlagsBefore(program: Command, command: Command): void {
  if (Object.keys(program.opts()).length > 0) throw argumentsBeforeCommand(command.name());
}

function refused(program: Command, message: string): Error {
  const { what, suggestion } = readMessage(message);
  const flags = program.options.map(({ long }) => long ?? "").concat("--help");
  return unknownArgument(what, flags, suggestion && `did you mean ${suggestion}?`);
}

function refusedCommand(program: Command, word: string): Error {
  const names = program.commands.map((command) => command.name());
  return unknownCommand(word, names, similarName(word, names));
}

/** commander itself looks for a similar name where nothing but a command may stand. */
function similarName(word: string, names: readonly string[]): string | undefined {
  const commands = quiet(new Command()).helpCommand(false);
  for (const name of names) commands.command(name);
  try {
    commands.parse(["--", word], { from: "user" });
  } catch (error) {
    return error instanceof CommanderError ? readMessage(error.message).suggestion : undefined;
  }
  return undefined;
}

/** commander's "error: …", and its "(Did you mean …?)" on the second line. */
function readMessage(message: string): { what: string; suggestion: string | undefined } {
  const [what = "", second = ""] = message.replace(/^error: /, "").split("\n");
  return { what, suggestion: /Did you mean (.*)\?/.exec(second)?.[1] };
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
    "--from": options.from,
    "--schedule": options.schedule,
  };
}
