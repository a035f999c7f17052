import { type Command, CommanderError } from "commander";
import { agentCommand } from "./commands/agent.ts";
import { addCompletion } from "./commands/completion.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addInspect } from "./commands/inspect.ts";
import { addLaunch } from "./commands/launch.ts";
import type { CommandLine, Found } from "./commands/line.ts";
import { refused } from "./commands/refused.ts";
import { addUpdateOffsets } from "./commands/update-offsets.ts";

/**
 * What the words behind the command's name ask for.
 * @throws UserError (usage) for an unknown flag or command
 */
export function parseCommandLine(words: readonly string[]): CommandLine {
  let line: CommandLine = { command: "nothing" };
  const program = commandTree((found) => {
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

/** The definitions of all commands and flags; `found` is called with what they are asked for. */
export function commandTree(found: Found = () => {}): Command {
  const program = agentCommand(found);
  for (const add of [addLaunch, addInspect, addDoctor, addUpdateOffsets, addCompletion]) add(program, found);
  return program;
}

/** The command whose flags a message should name. */
function commandOf(program: Command, words: readonly string[]): Command {
  return program.commands.find((command) => command.name() === words[0]) ?? program;
}
