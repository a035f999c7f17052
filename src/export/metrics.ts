import type { Config } from "../config/config.ts";
import type { MetricExporter } from "./metrics-types.ts";

/** The exporter of metrics, or undefined when none are wanted. Throws a UserError when a TLS file cannot be used. */
export async function createMetricExporter({
  metrics,
}: Pick<Config, "metrics">): Promise<MetricExporter | undefined> {
  if (metrics === undefined) return undefined;
  const { createOtlpMetricExporter } = await import("./metrics-otlp.ts");
  return createOtlpMetricExporter(metrics);
}
