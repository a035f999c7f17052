import type { Config } from "../config/config.ts";
import { pointsOf } from "./metrics-read.ts";
import type { MetricCounts, MetricExporter, MetricPoint, MetricSource } from "./metrics-types.ts";

/** Everybody who has values: they are exported at an interval, and given to whoever asks. */
export interface Metrics {
  /** Asks `source` from now on. The result removes it, after a last look: so while it can still be read. */
  add(source: MetricSource): () => void;
  /** All values as they stand now. */
  collect(): readonly MetricPoint[];
  /** What became of those that were to be exported; undefined when none are. */
  readonly counts: Readonly<MetricCounts> | undefined;
  /** Exports once more and closes, in at most `deadlineMs`. */
  shutdown(deadlineMs: number): Promise<void>;
}

/** Undefined when nobody wants metrics. Throws a UserError when a TLS file cannot be used. */
export async function createMetrics(
  config: Pick<Config, "metrics" | "statusAddress">,
): Promise<Metrics | undefined> {
  const exporter = await createMetricExporter(config);
  if (exporter === undefined && config.statusAddress === undefined) return undefined;
  const sources = new Set<MetricSource>();
  return {
    add: (source) => {
      sources.add(source);
      const stopExport = exporter?.add(source);
      return () => {
        sources.delete(source);
        stopExport?.();
      };
    },
    collect: () => [...sources].flatMap(pointsOf),
    counts: exporter?.counts,
    shutdown: async (deadlineMs) => exporter?.shutdown(deadlineMs),
  };
}

/** The exporter of metrics, or undefined when none are to be exported. Throws as `createMetrics`. */
export async function createMetricExporter({
  metrics,
}: Pick<Config, "metrics">): Promise<MetricExporter | undefined> {
  if (metrics === undefined) return undefined;
  const { createOtlpMetricExporter } = await import("./metrics-otlp.ts");
  return createOtlpMetricExporter(metrics);
}
