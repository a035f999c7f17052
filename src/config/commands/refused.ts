/** What commander refuses, in our words. */
import type { Command } from "commander";
import { unknownArgument, unknownCommand } from "../../report/config.ts";
import { readMessage, similarName } from "../similar.ts";

/** `message` is commander's own, or a sentence about the command's flags. */
export function refused(command: Command, message: string): Error {
  const { what, suggestion } = readMessage(message);
  const flags = command.options.map(({ long }) => long ?? "").concat("--help");
  return unknownArgument(what, flags, suggestion && `did you mean ${suggestion}?`);
}

export function refusedCommand(program: Command, word: string): Error {
  const names = program.commands.map((command) => command.name());
  return unknownCommand(word, names, similarName(word, names));
}
