import type { Config } from "../config/config.ts";
import { openTarget } from "./open.ts";
import type { Target } from "./target.ts";
import { waitForExecutable } from "./wait.ts";

/**
 * The processes that the configuration names: all its pids, or the next one that runs its executable, for which it
 * waits. With an executable it may be called again after that process's exit.
 * @throws UserError when a pid cannot be a target; the signal's reason when it is aborted
 */
export async function resolveTargets(
  targets: Config["targets"],
  signal: AbortSignal,
): Promise<readonly Target[]> {
  if (targets.exe !== undefined) return [await waitForExecutable(targets.exe, signal)];
  return targets.pids.map(openTarget);
}
