/** `run -- COMMAND`: starts an application, traces it and what it starts, and ends as it ends. */
import { setMaxListeners } from "node:events";
import type { Config } from "../config/config.ts";
import type { LiveFile } from "../live-file.ts";
import { untraced } from "../report/launch.ts";
import { log } from "../report/log.ts";
import { explain, UserError } from "../report/user-error.ts";
import { Application, type End } from "./application.ts";
import { onSignals } from "./signals.ts";

/**
 * @param file the config file, when there is one; SIGHUP goes to the application all the same
 * @returns the application's own exit code, or 128 and the number of the signal that ended it
 * @throws UserError when it could not be started
 */
export async function launch(config: Config, words: readonly string[], file?: LiveFile): Promise<number> {
  // Before there is a program: without a listener, a signal would end this process and leave the program behind.
  onSignals((signal) => application.signal(signal));
  const application = new Application(words);
  const over = new AbortController();
  const ended = application.ended.then(exitCode).finally(() => over.abort());
  ended.catch(() => {});
  setMaxListeners(0, over.signal);
  for (const event of ["uncaughtException", "unhandledRejection"] as const)
    process.removeAllListeners(event).on(event, (error) => {
      sayUntraced(error);
      over.abort();
    });
  try {
    const { run } = await import("../run.ts");
    await run(config, over.signal, { application, file });
  } catch (error) {
    sayUntraced(error);
  }
  application.continue();
  return await ended;
}

function exitCode({ code, signal = 0 }: End): number {
  return code ?? 128 + signal;
}

/** Whatever goes wrong with tracing, the application runs on. */
function sayUntraced(error: unknown): void {
  const explanation = error instanceof UserError ? error.explanation : { what: String(error) };
  log.error(explain(untraced(explanation)));
}
