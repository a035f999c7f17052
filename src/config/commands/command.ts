import type { Command } from "commander";
import { argumentsBeforeCommand } from "../../report/config.ts";

/** Errors are thrown, and written by nobody but their catcher. */
export function quiet(command: Command): Command {
  return command
    .helpOption("--help", "print this help")
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
}

export function subcommand(program: Command, name: string): Command {
  return quiet(program.command(name)).allowExcessArguments(false);
}

/** "otel-go-auto --pid 7 inspect": the flag would be taken for one of the agent's and have no effect. */
export function refuseFlagsBefore(program: Command, command: Command): void {
  if (Object.keys(program.opts()).length > 0) throw argumentsBeforeCommand(command.name());
}
