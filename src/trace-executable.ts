/** OTEL_GO_AUTO_TARGET_EXE: all processes of one executable, as they come and go, until the agent is told to stop. */
import { setImmediate as immediate } from "node:timers/promises";
import { ExecCount } from "./kernel/index.ts";
import { ExitCode } from "./report/exit-code.ts";
import { log } from "./report/log.ts";
import { startMessages } from "./report/start.ts";
import { explain, UserError } from "./report/user-error.ts";
import type { Sessions } from "./sessions.ts";
import { changeSince } from "./target/exit.ts";
import type { Target } from "./target/target.ts";
import { ExecutableWatch, waitTimes } from "./target/wait.ts";

/** What another file would not change. */
const fatal: readonly ExitCode[] = [ExitCode.noPermission, ExitCode.kernelTooOld];

/**
 * One that can't be traced does not end the agent, which would only be started again beside the same program: it waits
 * for a process of another file. One that ends while it is looked at is just over.
 * @throws UserError when the agent may trace none at all, or can't
 */
export async function traceExecutable(path: string, sessions: Sessions, signal: AbortSignal): Promise<void> {
  const count = ExecCount.open();
  const watch = new ExecutableWatch(path, waitTimes, () => count?.read());
  const tracing: Promise<void>[] = [];
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const traced = () => [...sessions.live].map(({ target }) => target);
  try {
    for (;;)
      for (const target of await watch.next(traced, either)) {
        keep(trace(target));
        // Attaching takes a third of a second: others are served between two.
        await immediate(undefined, { signal: either });
      }
  } catch (error) {
    throw failed.signal.aborted ? failed.signal.reason : error;
  } finally {
    await Promise.all(tracing);
    count?.close();
  }

  function keep(over: Promise<void>): void {
    tracing.push(over);
    over.finally(() => tracing.splice(tracing.indexOf(over), 1));
  }

  async function trace(target: Target): Promise<void> {
    try {
      await sessions.trace(target);
    } catch (error) {
      if (changeSince(target) !== undefined) log.warn(startMessages.endedEarly(target));
      else if (error instanceof UserError) refuse(target, error);
      else throw error;
    }
    watch.forget(target);
  }

  function refuse(target: Target, error: UserError): void {
    if (fatal.includes(error.exitCode) && sessions.live.size === 0) {
      failed.abort(error);
      return;
    }
    watch.refuse(target);
    log.error(explain(error.explanation));
  }
}
