/** The whole road on one screen: targets → sessions → spans → export → account. */
import type { Config } from "./config/config.ts";
import { inFlight } from "./drain/counters.ts";
import { type Account, exportOutcomes } from "./export/account.ts";
import { AccountReporter } from "./export/account-reporter.ts";
import { createExporter } from "./export/index.ts";
import { createMetrics } from "./export/metrics.ts";
import { probeKernel } from "./kernel/index.ts";
import type { Application } from "./launch/application.ts";
import { traceApplication } from "./launch/trace-application.ts";
import type { LiveFile } from "./live-file.ts";
import { ExitCode } from "./report/exit-code.ts";
import { log } from "./report/log.ts";
import { startMessages } from "./report/start.ts";
import { explain, UserError } from "./report/user-error.ts";
import { SelfMetrics } from "./self-metrics.ts";
import type { SessionCounts } from "./session/session-counts.ts";
import { reportSurroundings } from "./session/start-report.ts";
import { Sessions } from "./sessions.ts";
import { startStatus } from "./status.ts";
import { resolveTargets } from "./target/resolve.ts";
import type { Target } from "./target/target.ts";
import { traceExecutable } from "./trace-executable.ts";

/** Milliseconds for the last export, when the agent is told to stop. */
const shutdownDeadline = 5000;
/** For the last values of metrics behind it, so that they tell what became of the last spans. Docker waits 10 s in all. */
const metricsDeadline = 2000;

export interface RunOptions {
  /** What `run --` starts, in place of the targets that the configuration names. */
  readonly application?: Application | undefined;
  /** The config file, when there is one. */
  readonly file?: LiveFile | undefined;
}

export async function run(
  config: Config,
  signal: AbortSignal,
  { application, file }: RunOptions = {},
): Promise<ExitCode> {
  if (!config.enabled) {
    log.info(startMessages.disabledByUser);
    return ExitCode.ok;
  }
  // A wrong pid is told before a missing right; but nobody should wait for an executable that can't be traced.
  const early = config.targets.exe === undefined ? await resolveTargets(config.targets, signal) : [];
  const features = probeKernel();
  const exporter = await createExporter(config);
  reportSurroundings(config, features);
  const metrics = await createMetrics(config);
  if (config.offsets.schedule !== undefined)
    (await import("./update-offsets.ts")).updateInBackground(config.offsets, signal);
  const sessions = new Sessions({
    config,
    features,
    signal,
    onSpan: (span) => {
      self?.count(span);
      exporter.add(span);
    },
    addMetrics: (source) => metrics?.add(source) ?? (() => {}),
  });
  file?.follow((settings) => sessions.apply(settings), signal);
  const readAccount = (): Account => accountOf(sessions.counts(), exportOutcomes(exporter.counts));
  const account = new AccountReporter(readAccount);
  const self =
    metrics && new SelfMetrics({ config, account: readAccount, sessions, spans: exporter.counts, metrics });
  const status = await startStatus(config, sessions, metrics, signal);

  const failed: UserError[] = [];
  /** Of several processes, one that can't be traced doesn't stop the others. */
  const traceOne = (target: Target) =>
    sessions.trace(target).catch((error) => {
      if (early.length === 1 || !(error instanceof UserError)) throw error;
      log.error(explain(error.explanation));
      failed.push(error);
    });

  // Nobody waits for an endpoint before being traced; and while it attaches, the agent would not see the answer in time.
  setImmediate(() => exporter.check().catch((error) => log.debug(String(error))));

  try {
    if (application) await traceApplication(application, sessions, features, signal);
    await Promise.all(early.map(traceOne));
    if (config.targets.exe !== undefined) await traceExecutable(config.targets.exe, sessions, signal);
  } finally {
    await exporter.shutdown(shutdownDeadline);
    await metrics?.shutdown(metricsDeadline);
    status?.close();
    if (sessions.hasPast) account.end();
  }
  return failed[0]?.exitCode ?? ExitCode.ok;
}

function accountOf(counts: SessionCounts, exported: Account["outcomes"]): Account {
  const { started, malformed, cutOff, endWithoutStart, foreign, fieldUnreadable, textTruncated } = counts;
  const { callerUnknown, parentUnknown, headersLeftOut, additionsLost, endUnseen } = counts;
  const {
    unsampled,
    leftOut,
    overLimit,
    ringFull,
    inFlightFull,
    superseded,
    unreadable,
    tracedByApplication,
  } = counts;
  return {
    started,
    outcomes: {
      unsampled,
      leftOut,
      overLimit,
      ringFull,
      inFlightFull,
      superseded,
      unreadable,
      tracedByApplication,
      inFlight: inFlight(counts) - cutOff,
      cutOff,
      malformed,
      ...exported,
    },
    asides: {
      endWithoutStart,
      foreign,
      callerUnknown,
      parentUnknown,
      fieldUnreadable,
      textTruncated,
      headersLeftOut,
      additionsLost,
      endUnseen,
    },
  };
}
