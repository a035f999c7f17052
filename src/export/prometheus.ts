/**
 * Metrics as text for whoever scrapes: Prometheus' own format 0.0.4, and OpenMetrics 1.0, which alone has exemplars.
 * https://prometheus.io/docs/instrumenting/exposition_formats/ and https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
import type { HrTime } from "@opentelemetry/api";
import type { Exemplar, HistogramPoint, MetricPoint, NumberPoint } from "./metrics-types.ts";
import { escapeHelp, escapeText, familyName, labelsOf, unitOf } from "./prometheus-names.ts";
import { identityLabels } from "./prometheus-targets.ts";

export type TextFormat = "prometheus" | "openmetrics";

export const contentTypes: Readonly<Record<TextFormat, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** A point with what stands between the braces of its series. */
interface Series {
  readonly point: MetricPoint;
  readonly labels: string;
}

/** The whole answer. Of points that would be one series, and of metrics with one name and two types, the first counts. */
export function metricsText(points: readonly MetricPoint[], format: TextFormat): string {
  const families = [...familiesOf(points)].map(([name, family]) => familyText(name, family, format));
  const end = format === "openmetrics" ? "# EOF\n" : "";
  return [targetInfo(points, format), ...families, end].join("");
}

function familiesOf(points: readonly MetricPoint[]): ReadonlyMap<string, readonly [Series, ...Series[]]> {
  const targets = identityLabels(points.map(({ resource }) => resource));
  const families = new Map<string, [Series, ...Series[]]>();
  const seen = new Set<string>();
  for (const point of points) {
    const scope = { "otel.scope.name": point.scope.name };
    const own = labelsOf({ ...point.attributes, ...scope });
    const labels = [...own, ...(targets.get(point.resource) ?? [])].join();
    const name = familyName(point);
    const key = `${name}{${labels}}`;
    const family = families.get(name);
    if (seen.has(key) || (family !== undefined && typeOf(family[0].point) !== typeOf(point))) continue;
    seen.add(key);
    if (family) family.push({ point, labels });
    else families.set(name, [{ point, labels }]);
  }
  return families;
}

/** All that is known of each resource. Its labels find it: `… * on (service_instance_id) group_left(…) target_info`. */
function targetInfo(points: readonly MetricPoint[], format: TextFormat): string {
  const resources = [...new Set(points.map(({ resource }) => resource))];
  const series = new Set(
    resources.map(({ attributes }) => `target_info{${labelsOf(attributes).join()}} 1\n`),
  );
  if (series.size === 0) return "";
  const [name, type] = format === "openmetrics" ? ["target", "info"] : ["target_info", "gauge"];
  return `# TYPE ${name} ${type}\n# HELP ${name} What sends the values\n${[...series].join("")}`;
}

function familyText(family: string, all: readonly [Series, ...Series[]], format: TextFormat): string {
  const [{ point }] = all;
  const type = typeOf(point);
  const openMetrics = format === "openmetrics";
  const sample = type === "counter" ? `${family}_total` : family;
  const name = openMetrics ? family : sample;
  const unit = unitOf(point);
  const help = openMetrics ? escapeText(point.description) : escapeHelp(point.description);
  return [
    `# TYPE ${name} ${type}\n`,
    openMetrics && unit ? `# UNIT ${name} ${unit}\n` : "",
    help ? `# HELP ${name} ${help}\n` : "",
    ...all.map(({ point, labels }) =>
      point.kind === "histogram"
        ? histogramText(family, point, labels, format)
        : `${sample}{${labels}} ${numberText((point as NumberPoint).value)}\n`,
    ),
  ].join("");
}

function typeOf({ kind }: MetricPoint): "gauge" | "counter" | "histogram" {
  return kind === "updowncounter" ? "gauge" : kind;
}

/** Prometheus' buckets are cumulative. */
function histogramText(family: string, point: HistogramPoint, labels: string, format: TextFormat): string {
  const { boundaries, counts, count, sum } = point;
  const bucket = `${family}_bucket{${labels},le="`;
  let text = "";
  let below = 0;
  for (const [index, inBucket] of counts.entries()) {
    below += inBucket;
    const bound = boundaries[index];
    const le = bound === undefined ? "+Inf" : boundText(bound, format);
    const exemplar = format === "openmetrics" ? exemplarOf(point, index) : undefined;
    text += `${bucket}${le}"} ${below}${exemplarText(exemplar)}\n`;
  }
  return `${text}${family}_sum{${labels}} ${numberText(sum)}\n${family}_count{${labels}} ${count}\n`;
}

function exemplarOf({ boundaries, exemplars }: HistogramPoint, bucket: number): Exemplar | undefined {
  const lower = boundaries[bucket - 1] ?? Number.NEGATIVE_INFINITY;
  const upper = boundaries[bucket] ?? Number.POSITIVE_INFINITY;
  return exemplars.find(({ value }) => value > lower && value <= upper);
}

/** OpenMetrics wants to see that a bound is a float. */
function boundText(bound: number, format: TextFormat): string {
  return format === "openmetrics" && Number.isInteger(bound) ? bound.toFixed(1) : String(bound);
}

function exemplarText(exemplar: Exemplar | undefined): string {
  if (exemplar === undefined) return "";
  const { traceId, spanId, value, time } = exemplar;
  return ` # {trace_id="${traceId}",span_id="${spanId}"} ${numberText(value)} ${secondsText(time)}`;
}

function secondsText([seconds, nanoseconds]: HrTime): string {
  return `${seconds}.${String(Math.floor(nanoseconds / 1e6)).padStart(3, "0")}`;
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}
