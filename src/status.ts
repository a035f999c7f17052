/** Whether the agent does its work, for whoever asks over HTTP. */
import type { Config } from "./config/config.ts";
import type { Metrics } from "./export/metrics.ts";
import type { StatusServer } from "./export/status-server.ts";
import { log } from "./report/log.ts";
import { statusMessages } from "./report/status.ts";
import type { Sessions } from "./sessions.ts";

type Readiness = Pick<Sessions, "live" | "hasPast" | "refused">;

/** Listens where the user wants it, or does nothing. Throws a UserError when it can't. */
export async function startStatus(
  { statusAddress, targets }: Pick<Config, "statusAddress" | "targets">,
  sessions: Readiness,
  metrics: Pick<Metrics, "collect"> | undefined,
  signal: AbortSignal,
): Promise<StatusServer | undefined> {
  if (statusAddress === undefined) return undefined;
  const [{ startStatusServer }, { metricsText }] = await Promise.all([
    import("./export/status-server.ts"),
    import("./export/prometheus.ts"),
  ]);
  const server = await startStatusServer(statusAddress, {
    notReady: () => notReady(targets, sessions, signal),
    metrics: (format) => metricsText(metrics?.collect() ?? [], format),
  });
  log.info(statusMessages.listening(server.url));
  return server;
}

function notReady({ exe }: Config["targets"], sessions: Readiness, signal: AbortSignal): string | undefined {
  if (signal.aborted) return statusMessages.stopping;
  if (sessions.live.size > 0) return undefined;
  const { refused } = sessions;
  if (refused) return refusedText(refused, exe);
  if (exe !== undefined) return statusMessages.waitingFor(exe);
  return sessions.hasPast ? statusMessages.noneLeft : statusMessages.attaching;
}

function refusedText({ pid, error }: NonNullable<Sessions["refused"]>, exe: string | undefined): string {
  const { what, why } = error.explanation;
  const reason = why === undefined ? what : `${what}: ${why}`;
  return exe === undefined
    ? statusMessages.applicationRefused(pid, reason)
    : statusMessages.refused(pid, reason, exe);
}
