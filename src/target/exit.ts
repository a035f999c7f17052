import { statSync } from "node:fs";
import { hasEnded } from "./open.ts";
import { readStat } from "./proc.ts";
import type { Target } from "./target.ts";

/** In milliseconds. */
const pollInterval = 500;

/** "replaced": it has executed another file. "restarted": it has executed its own file again, and has no probes now. */
export type Change = "exited" | "replaced" | "restarted";

/**
 * Resolves when the process has ended ("exited"), also when its pid already belongs to another one, or when it has
 * called exec. The timer does not keep Node alive. An aborted signal ends the watch without an answer.
 */
export function watchExit(target: Target, signal?: AbortSignal): Promise<Change> {
  return new Promise((resolve) => {
    const timer = setInterval(check, pollInterval).unref();
    const stop = () => clearInterval(timer);
    signal?.addEventListener("abort", stop, { once: true });
    function check(): void {
      const change = changeSince(target);
      if (change === undefined) return;
      stop();
      signal?.removeEventListener("abort", stop);
      resolve(change);
    }
  });
}

/** What has become of the process since it was looked at; undefined: it goes on. */
export function changeSince(target: Target): Change | undefined {
  try {
    const stat = readStat(target.pid);
    if (stat.startTime !== target.startTime || hasEnded(stat)) return "exited";
    const { dev, ino } = statSync(target.exeLink, { bigint: true });
    if (dev !== target.device || ino !== target.inode) return "replaced";
    return hasNewStack(stat.startStack, target.startStack) ? "restarted" : undefined;
  } catch {
    return "exited";
  }
}

/** A process that is about to end has no stack any more, though it is not a zombie yet. */
function hasNewStack(now: string, before: string): boolean {
  return now !== before && now !== "0" && before !== "0";
}
