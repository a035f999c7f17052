/** The whole road on one screen: targets → sessions → spans → export → account. */
import type { Config } from "./config/config.ts";
import { type Account, exportOutcomes } from "./export/account.ts";
import { AccountReporter } from "./export/account-reporter.ts";
import { createExporter } from "./export/index.ts";
import { probeKernel } from "./kernel/index.ts";
import { ExitCode } from "./report/exit-code.ts";
import { log } from "./report/log.ts";
import { startMessages } from "./report/start.ts";
import { type SessionCounts, TracingSession } from "./session.ts";
import { watchExit } from "./target/exit.ts";
import { resolveTargets } from "./target/resolve.ts";
import type { Target } from "./target/target.ts";

/** Milliseconds for the last export, when the agent is told to stop. */
const shutdownDeadline = 5000;

export async function run(config: Config, signal: AbortSignal): Promise<ExitCode> {
  if (!config.enabled) {
    log.info(startMessages.disabledByUser);
    return ExitCode.ok;
  }
  const features = probeKernel();
  const exporter = await createExporter(config);
  const live = new Set<TracingSession>();
  const ended: SessionCounts[] = [];
  const account = new AccountReporter(
    (): Account =>
      accountOf([...ended, ...[...live].map((session) => session.counts())], exportOutcomes(exporter.counts)),
  );

  const trace = async (target: Target): Promise<void> => {
    const session = new TracingSession(target, config, features, (span) => exporter.add(span));
    live.add(session);
    const change = await Promise.race([watchExit(target, signal), aborted(signal)]);
    live.delete(session);
    ended.push(session.close());
    log.info(startMessages[change](target));
  };

  try {
    await traceAll(config, signal, trace);
  } finally {
    await exporter.shutdown(shutdownDeadline);
    if (ended.length > 0) account.end();
  }
  return ExitCode.ok;
}

/** Each process once; an executable again and again, as often as it is started. */
async function traceAll(
  { targets }: Config,
  signal: AbortSignal,
  trace: (target: Target) => Promise<void>,
): Promise<void> {
  do {
    await Promise.all((await resolveTargets(targets, signal)).map(trace));
  } while (targets.exe !== undefined && !signal.aborted);
}

function aborted(signal: AbortSignal): Promise<"stopped"> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve("stopped");
    else signal.addEventListener("abort", () => resolve("stopped"), { once: true });
  });
}

function accountOf(sessions: readonly SessionCounts[], exported: Account["outcomes"]): Account {
  const sum = (name: keyof SessionCounts) => sessions.reduce((total, counts) => total + counts[name], 0);
  const kernel = {
    unsampled: sum("unsampled"),
    ringFull: sum("ringFull"),
    inFlightFull: sum("inFlightFull"),
    superseded: sum("superseded"),
    unreadable: sum("unreadable"),
  };
  const started = sum("started");
  const settled = Object.values(kernel).reduce((total, count) => total + count, sum("submitted"));
  return {
    started,
    outcomes: { ...kernel, inFlight: started - settled, malformed: sum("malformed"), ...exported },
  };
}
