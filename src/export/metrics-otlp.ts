/** Metrics over OTLP. Loaded only when they are asked for. */
import type { MetricsOptions } from "../config/config.ts";
import { log } from "../report/log.ts";
import { metricsAccount } from "../report/metrics.ts";
import { routeDiagnostics } from "./diagnostics.ts";
import { ExportHealth } from "./health.ts";
import { metrics, metricsPayload } from "./metrics-payload.ts";
import { MetricReader } from "./metrics-reader.ts";
import type { MetricExporter } from "./metrics-types.ts";
import { createSender } from "./senders.ts";

/** Throws a UserError when a TLS file cannot be used. */
export async function createOtlpMetricExporter({
  otlp,
  intervalMs,
}: MetricsOptions): Promise<MetricExporter> {
  routeDiagnostics();
  const health = new ExportHealth(otlp, metrics.words);
  const sender = await createSender(metrics, otlp, (error) => health.attemptFailed(error));
  const format = otlp.protocol === "http/json" ? "json" : "protobuf";
  const reader = new MetricReader({
    send: async (readings) => sender.send(metricsPayload(readings, format)),
    intervalMs,
    onResult: (result, points) => health.finished(result, points),
  });
  return {
    counts: reader.counts,
    add: (source) => reader.add(source),
    shutdown: async (deadlineMs) => {
      await reader.shutdown(deadlineMs);
      sender.close();
      const { received, exported } = reader.counts;
      log[exported < received ? "warn" : "debug"](metricsAccount(reader.counts));
    },
  };
}
