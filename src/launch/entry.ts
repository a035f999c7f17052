/** Holds a program back at its first instruction while it is attached. */
import { setTimeout as sleep } from "node:timers/promises";
import { EntryStop, type KernelFeatures } from "../kernel/index.ts";
import { launchMessages } from "../report/launch.ts";
import { log } from "../report/log.ts";
import { UserError } from "../report/user-error.ts";
import { tryStat } from "../target/proc.ts";
import type { Application } from "./application.ts";

/** Milliseconds. */
const pollInterval = 2;

/** Milliseconds until a program that did not get to its entry is taken as it is: slow loaders need some. */
const deadline = 5000;

/**
 * Releases the application, whose file starts at `fileOffset`, and calls `attach` while it stands there. It does not
 * go on by itself: that is `application.continue`. Nothing is called when it ends before.
 */
export async function attachAtEntry(
  application: Application,
  fileOffset: number,
  features: KernelFeatures,
  attach: () => void,
): Promise<void> {
  const stop = tryToStop(application, fileOffset, features);
  try {
    if (stop) application.guard();
    application.release();
    if (stop && !(await hasStopped(application)) && !application.hasEnded)
      log.warn(launchMessages.notStopped(`it was not there after ${deadline / 1000} s`));
    if (!application.hasEnded) attach();
  } finally {
    stop?.close();
  }
}

function tryToStop(
  { pid, file: exe }: Application,
  fileOffset: number,
  features: KernelFeatures,
): EntryStop | undefined {
  try {
    return new EntryStop({ pid, exe, fileOffset }, features);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    log.warn(launchMessages.notStopped(error.explanation.why ?? error.explanation.what));
    return undefined;
  }
}

async function hasStopped(application: Application): Promise<boolean> {
  for (const end = Date.now() + deadline; Date.now() < end && !application.hasEnded; ) {
    if (tryStat(application.pid)?.state === "T") return true;
    await sleep(pollInterval);
  }
  return false;
}
