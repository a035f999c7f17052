/** Traces the program that `run --` starts, from its first instruction on, and the Go programs that it starts. */
import { setTimeout as sleep } from "node:timers/promises";
import { entryOfGoProgram } from "../binary/go-file.ts";
import { openGoBinary } from "../binary/index.ts";
import type { KernelFeatures } from "../kernel/index.ts";
import { launchMessages, untraced } from "../report/launch.ts";
import { log } from "../report/log.ts";
import { explain, UserError } from "../report/user-error.ts";
import type { Sessions } from "../sessions.ts";
import type { Application } from "./application.ts";
import { attachAtEntry } from "./entry.ts";
import { ProgramTree } from "./program-tree.ts";

/** Milliseconds between two looks at the tree, while nothing is traced yet and then. */
const intervals = { untraced: 100, traced: 500 };

/** Until `signal` says that the application has ended. */
export async function traceApplication(
  application: Application,
  sessions: Sessions,
  features: KernelFeatures,
  signal: AbortSignal,
): Promise<void> {
  const tree = new ProgramTree(application.pid, sessions);
  const entry = entryOfGoProgram(application.file);
  try {
    if (entry === undefined) sayWrapper(application.file);
    else await attachAtEntry(application, entry, features, () => tree.traceRoot());
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    log.error(explain(untraced(error.explanation)));
  } finally {
    application.continue();
  }
  while (!signal.aborted) {
    tree.look();
    const interval = sessions.live.size > 0 ? intervals.traced : intervals.untraced;
    await sleep(interval, undefined, { signal }).catch(() => {});
  }
  await tree.over();
}

/** A script or a shell is no fault; but it may be a program that only looks like none, such as a packed one. */
function sayWrapper(file: string): void {
  try {
    openGoBinary(file).close();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    log.info(launchMessages.wrapper(file, error.explanation.why ?? ""));
  }
}
