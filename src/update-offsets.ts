/** The command `update-offsets`, and the same in the background of the agent. */
import type { OffsetsOptions, OffsetsSource } from "./config/config.ts";
import { offsetsOptions, offsetsSettings } from "./config/offsets.ts";
import { readSome, type Sources } from "./config/read.ts";
import { onSchedule } from "./offsets/schedule.ts";
import { update } from "./offsets/update.ts";
import { noOffsetsSource } from "./report/config.ts";
import { ExitCode } from "./report/exit-code.ts";
import { log, setLogLevel } from "./report/log.ts";
import { updateMessages } from "./report/offsets.ts";
import { explain, UserError } from "./report/user-error.ts";

/** Once, or with a schedule until the signal. Throws UserErrors. */
export async function updateOffsets(sources: Sources, signal: AbortSignal): Promise<ExitCode> {
  const said = readSome([...offsetsSettings, "logLevel"], sources);
  setLogLevel(said.logLevel ?? "info");
  const { from, schedule, file } = offsetsOptions(said, sources.environment);
  if (from === undefined) throw noOffsetsSource();
  if (schedule === undefined) log.info((await update(from, file, signal)).message);
  else
    await onSchedule(
      schedule,
      async (next) => {
        await tryUpdate(from, file, signal, log.info);
        if (next && !signal.aborted) log.info(updateMessages.next(next));
      },
      signal,
      true,
    );
  return ExitCode.ok;
}

/** Beside tracing, when the user gave a source and a schedule. What the next attach uses is then newer. */
export function updateInBackground({ from, schedule, file }: OffsetsOptions, signal: AbortSignal): void {
  if (from === undefined || schedule === undefined) return;
  // The first attach doesn't wait for it.
  setImmediate(() => {
    void onSchedule(schedule, () => tryUpdate(from, file, signal, log.debug), signal, false);
  });
}

/** A failure is a line of the log: the next time may go better. */
async function tryUpdate(
  from: OffsetsSource,
  file: string,
  signal: AbortSignal,
  sayUnchanged: (message: string) => void,
): Promise<void> {
  try {
    const { changed, message } = await update(from, file, signal);
    (changed ? log.info : sayUnchanged)(message);
  } catch (error) {
    if (signal.aborted) return;
    log.warn(error instanceof UserError ? explain(error.explanation) : String(error));
  }
}
