/** What commander refuses, in our words. */
import { Command, CommanderError } from "commander";
import { unknownArgument, unknownCommand } from "../../report/config.ts";
import { quiet } from "./command.ts";

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
