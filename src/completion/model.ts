import type { Command, Option } from "commander";
import { commandTree } from "../config/command-line.ts";
import { shells } from "../config/commands/line.ts";
import { otlpProtocols } from "../config/config.ts";
import { libraries } from "../generated/registry.ts";
import { logLevels } from "../report/log.ts";

/** What may stand for a value: one of some words, or what the shell itself knows to list. */
export type Values = readonly string[] | "process" | "file" | "anything";

export interface Flag {
  /** "--pid" */
  readonly name: string;
  readonly description: string;
  /** Undefined: it takes none. */
  readonly values: Values | undefined;
}

export interface CommandWords {
  /** Empty: the agent itself. */
  readonly name: string;
  readonly description: string;
  readonly flags: readonly Flag[];
  /** What may stand without a flag. */
  readonly values: Values | undefined;
}

/** What the placeholders in the definitions stand for: "--log-level <level>". */
const placeholders: Readonly<Record<string, Values>> = {
  pid: "process",
  file: "file",
  source: "file",
  level: logLevels,
  protocol: otlpProtocols,
  shell: shells,
  libraries: libraries.map(({ path }) => path),
};

/** Everything that can stand on the command line, the agent's own words first. */
export function commandWords(): readonly CommandWords[] {
  const program = commandTree();
  return [wordsOf(program, ""), ...program.commands.map((command) => wordsOf(command, command.name()))];
}

function wordsOf(command: Command, name: string): CommandWords {
  const argument = command.registeredArguments[0];
  return {
    name,
    description: command.description(),
    flags: [...command.options.map(flagOf), helpFlag],
    // Words of another command stand behind "--".
    values: argument === undefined || argument.variadic ? undefined : valuesOf(argument.name()),
  };
}

const helpFlag: Flag = { name: "--help", description: "print this help", values: undefined };

function flagOf(option: Option): Flag {
  const placeholder = /<(.+)>/.exec(option.flags)?.[1];
  return {
    name: option.long ?? option.flags,
    description: option.description,
    values: placeholder === undefined ? undefined : valuesOf(placeholder),
  };
}

function valuesOf(placeholder: string): Values {
  return placeholders[placeholder] ?? "anything";
}
