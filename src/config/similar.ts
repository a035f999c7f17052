import { Command, CommanderError } from "commander";
import { quiet } from "./commands/command.ts";

/** The name that a mistyped word comes near to, by commander's measure for its own commands. */
export function similarName(word: string, names: readonly string[]): string | undefined {
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
export function readMessage(message: string): { what: string; suggestion: string | undefined } {
  const [what = "", second = ""] = message.replace(/^error: /, "").split("\n");
  return { what, suggestion: /Did you mean (.*)\?/.exec(second)?.[1] };
}
