import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ExitCode } from "../report/exit-code.ts";
import { log } from "../report/log.ts";
import { targetMessage } from "../report/target.ts";
import { UserError } from "../report/user-error.ts";
import { refuseWhatNoProcessRuns } from "./file.ts";
import { nearMisses } from "./near.ts";
import { openTarget } from "./open.ts";
import { ProcessScan } from "./scan.ts";
import type { Target } from "./target.ts";

/** In milliseconds. An exec is seen after `poll * roundsForExec` at the latest, a new process after `poll`. */
export const waitTimes = { poll: 250, roundsForExec: 3, report: 60_000 };

/**
 * Waits until a process runs the executable; of several the oldest is taken. `executable` is the path as the target
 * sees it. Says once what it waits for, then once a minute what it saw instead.
 * @throws UserError (usage) for what can never run; (noPermission); the signal's reason when it is aborted
 */
export async function waitForExecutable(
  executable: string,
  signal: AbortSignal,
  times = waitTimes,
): Promise<Target> {
  const path = resolve(executable);
  const exists = refuseWhatNoProcessRuns(path);
  const scan = new ProcessScan(path);
  let nextReport = Date.now() + times.report;
  for (let round = 0; ; round++) {
    signal.throwIfAborted();
    const target = oldest(scan.find(round % times.roundsForExec === 0), path);
    if (target) return target;
    if (round === 0) sayWaiting(path, exists, scan);
    if (Date.now() >= nextReport) {
      log.info(targetMessage.stillWaiting(path, scan.seen.size, nearMisses(path, scan.seen)));
      nextReport = Date.now() + times.report;
    }
    await sleep(times.poll, undefined, { signal });
  }
}

function sayWaiting(path: string, exists: boolean, scan: ProcessScan): void {
  log.info(targetMessage.waiting(path));
  if (!exists) log.warn(targetMessage.notHere(path));
  for (const hint of nearMisses(path, scan.seen)) log.info(hint);
}

function oldest(pids: readonly number[], path: string): Target | undefined {
  const targets = pids.flatMap(openIfAlive).sort((a, b) => Number(a.startTime - b.startTime));
  const [first, ...others] = targets;
  if (first === undefined) return undefined;
  if (others.length > 0)
    log.warn(
      targetMessage.others(
        first.pid,
        others.map((other) => other.pid),
      ),
    );
  return { ...first, exePath: path };
}

/** A process may end between the scan and a closer look. */
function openIfAlive(pid: number): Target[] {
  try {
    return [openTarget(pid)];
  } catch (error) {
    if (error instanceof UserError && error.exitCode === ExitCode.noTarget) return [];
    throw error;
  }
}
