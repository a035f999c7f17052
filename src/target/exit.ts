import { statSync } from "node:fs";
import { everySecond } from "./every-second.ts";
import { hasEnded } from "./open.ts";
import { readStat } from "./proc.ts";
import type { Target } from "./target.ts";

/** "replaced": it has executed another file. "restarted": it has executed its own file again, and has no probes now. */
export type Change = "exited" | "replaced" | "restarted";

/** Calls back when a process has ended; the result ends the watch. Undefined where it can't be watched. */
export type EndWatch = (pid: number, callback: () => void) => (() => void) | undefined;

/**
 * Resolves when the process has ended ("exited"), also when its pid already belongs to another one, or when it has
 * called exec, which is seen once a second only; so is the end where nobody tells it. An aborted signal ends the watch
 * without an answer.
 */
export function watchExit(
  target: Target,
  signal?: AbortSignal,
  onEnd: EndWatch = () => undefined,
): Promise<Change> {
  return new Promise((resolve) => {
    if (signal?.aborted) return;
    const stops = [everySecond(check), onEnd(target.pid, check)];
    const stop = () => stops.splice(0).map((each) => each?.());
    signal?.addEventListener("abort", stop, { once: true });
    // It may have ended, and its pid may be another one's, before it was watched.
    check();
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
