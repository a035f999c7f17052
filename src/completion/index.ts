/** The command `completion`: what a shell has to know, out of the definitions of the commands. */
import type { Shell } from "../config/commands/line.ts";
import { print } from "../report/output.ts";
import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { commandWords } from "./model.ts";
import { zshCompletion } from "./zsh.ts";

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

export async function printCompletion(shell: Shell): Promise<void> {
  await print(scripts[shell](commandWords()));
}
