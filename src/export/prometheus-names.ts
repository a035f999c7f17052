/**
 * Names of OpenTelemetry as Prometheus has them:
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
 */
import type { Attributes } from "@opentelemetry/api";
import type { MetricPoint } from "./metrics-types.ts";

/** UCUM → the words that stand at the end of a name. */
const units: Readonly<Record<string, string>> = {
  s: "seconds",
  ms: "milliseconds",
  By: "bytes",
  "%": "percent",
};

/** The unit in Prometheus' words; "" for what is counted, "{request}". */
export function unitOf({ unit, kind }: Pick<MetricPoint, "unit" | "kind">): string {
  if (unit === "1") return kind === "gauge" ? "ratio" : "";
  return units[unit] ?? "";
}

/** "http.server.request.duration" in seconds → "http_server_request_duration_seconds"; without a counter's "_total". */
export function familyName(point: Pick<MetricPoint, "name" | "unit" | "kind">): string {
  const name = point.name.replaceAll(/[^a-zA-Z0-9_:]+/g, "_").replace(/^(?=\d)/, "_");
  const unit = unitOf(point);
  return unit === "" || name.endsWith(`_${unit}`) ? name : `${name}_${unit}`;
}

/** The attributes as `name="value"` pairs, sorted. Names that become the same share one label. */
export function labelsOf(attributes: Attributes): string[] {
  const labels = new Map<string, string>();
  for (const key of Object.keys(attributes).sort()) {
    const value = attributes[key];
    if (value === undefined) continue;
    const name = labelName(key);
    const text = typeof value === "object" ? JSON.stringify(value) : String(value);
    const before = labels.get(name);
    labels.set(name, before === undefined ? text : `${before};${text}`);
  }
  return [...labels].map(([name, text]) => `${name}="${escapeText(text)}"`);
}

function labelName(key: string): string {
  const name = key.replaceAll(/[^a-zA-Z0-9_]+/g, "_");
  // Names that begin with two underscores are Prometheus' own.
  return name.replace(/^(?=\d)/, "_").replace(/^__+/, "_");
}

/** Of a label's value, or of a help text in OpenMetrics. */
export function escapeText(text: string): string {
  return text.replaceAll(/[\\"\n]/g, (character) => (character === "\n" ? "\\n" : `\\${character}`));
}

/** Of a help text in Prometheus' own format, where quotes stand for themselves. */
export function escapeHelp(text: string): string {
  return text.replaceAll(/[\\\n]/g, (character) => (character === "\n" ? "\\n" : "\\\\"));
}
