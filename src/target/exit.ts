import { statSync } from "node:fs";
import { hasEnded } from "./open.ts";
import { readStat } from "./proc.ts";
import type { Target } from "./target.ts";

/** In milliseconds. */
const pollInterval = 250;

/**
 * Resolves when the process has ended ("exited"), also when its pid already belongs to another one, or when it has
 * executed another file ("replaced"). The timer does not keep Node alive. An aborted signal ends the watch without
 * an answer.
 */
export function watchExit(target: Target, signal?: AbortSignal): Promise<"exited" | "replaced"> {
  return new Promise((resolve) => {
    const timer = setInterval(check, pollInterval).unref();
    const stop = () => clearInterval(timer);
    signal?.addEventListener("abort", stop, { once: true });
    function check(): void {
      const change = changeOf(target);
      if (change === undefined) return;
      stop();
      signal?.removeEventListener("abort", stop);
      resolve(change);
    }
  });
}

function changeOf(target: Target): "exited" | "replaced" | undefined {
  try {
    const stat = readStat(target.pid);
    if (stat.startTime !== target.startTime || hasEnded(stat)) return "exited";
    const { dev, ino } = statSync(target.exeLink, { bigint: true });
    return dev === target.device && ino === target.inode ? undefined : "replaced";
  } catch {
    return "exited";
  }
}
