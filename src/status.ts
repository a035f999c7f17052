/** Whether the agent does its work, for whoever asks over HTTP. */
import type { Config } from "./config/config.ts";
import type { Metrics } from "./export/metrics.ts";
import type { StatusServer } from "./export/status-server.ts";
import { log } from "./report/log.ts";
import { statusMessages } from "./report/status.ts";
import type { Sessions } from "./sessions.ts";

/** Listens where the user wants it, or does nothing. Throws a UserError when it can't. */
export async function startStatus(
  { statusAddress, targets }: Pick<Config, "statusAddress" | "targets">,
  sessions: Pick<Sessions, "live" | "hasPast">,
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

function notReady(
  { exe }: Config["targets"],
  sessions: Pick<Sessions, "live" | "hasPast">,
  signal: AbortSignal,
): string | undefined {
  if (signal.aborted) return statusMessages.stopping;
  if (sessions.live.size > 0) return undefined;
  if (exe !== undefined) return statusMessages.waitingFor(exe);
  return sessions.hasPast ? statusMessages.noneLeft : statusMessages.attaching;
}
