import { once } from "node:events";
import { Cron } from "croner";

/**
 * Does the job at once and whenever the cron expression says, in UTC, until the signal is aborted; never twice at the
 * same time: a time that comes while it is at work is left out. The job must not throw.
 * @param hold whether the process should stay alive for it
 * @returns when the signal is aborted
 */
export async function onSchedule(
  cron: string,
  job: (next: Date | null) => Promise<void>,
  signal: AbortSignal,
  hold: boolean,
): Promise<void> {
  if (signal.aborted) return;
  const timer: Cron = new Cron(cron, { timezone: "UTC", protect: true, unref: !hold }, () =>
    job(timer.nextRun()),
  );
  const stopped = once(signal, "abort");
  void timer.trigger();
  await stopped;
  timer.stop();
}
