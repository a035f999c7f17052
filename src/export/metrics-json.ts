/** Metrics as OTLP in JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
import { attributesText, nanoseconds, schemaText } from "./json.ts";
import type { HistogramReading, Metric, NumberReading, ResourceMetrics } from "./metrics-data.ts";
import type { Exemplar } from "./metrics-types.ts";
import { cumulative } from "./protobuf/metrics.ts";

export function metricsJson(all: readonly ResourceMetrics[]): string {
  return `{"resourceMetrics":[${all.map(resourceText).join()}]}`;
}

function resourceText({ resource, scopes }: ResourceMetrics): string {
  const attributes = attributesText(resource.attributes);
  const scopeMetrics = scopes.map(scopeText).join();
  return `{"resource":{"attributes":[${attributes}]},"scopeMetrics":[${scopeMetrics}]${schemaText(resource.schemaUrl)}}`;
}

function scopeText({
  scope: { name, version, schemaUrl },
  metrics,
}: ResourceMetrics["scopes"][number]): string {
  const scope = JSON.stringify({ name, version });
  return `{"scope":${scope},"metrics":[${metrics.map(metricText).join()}]${schemaText(schemaUrl)}}`;
}

function metricText(metric: Metric): string {
  const [{ name, description, unit }] = metric.points;
  const about = JSON.stringify({ name, description, unit }).slice(1, -1);
  return `{${about},${dataText(metric)}}`;
}

function dataText(metric: Metric): string {
  if (metric.kind === "histogram") {
    const points = metric.points.map(histogramText).join();
    return `"histogram":{"dataPoints":[${points}],"aggregationTemporality":${cumulative}}`;
  }
  const points = metric.points.map((point) => numberText(point, metric.isWhole)).join();
  if (metric.kind === "gauge") return `"gauge":{"dataPoints":[${points}]}`;
  const isMonotonic = metric.kind === "counter";
  return `"sum":{"dataPoints":[${points}],"aggregationTemporality":${cumulative},"isMonotonic":${isMonotonic}}`;
}

function numberText(point: NumberReading, isWhole: boolean): string {
  const value = isWhole ? `"asInt":"${point.value}"` : `"asDouble":${point.value}`;
  return `{${originText(point)},${value}}`;
}

function histogramText(point: HistogramReading): string {
  const { count, sum, min, max, counts, boundaries, exemplars } = point;
  const range = count === 0 ? "" : `,"min":${min},"max":${max}`;
  return (
    `{${originText(point)},"count":"${count}","sum":${sum}${range}` +
    `,"bucketCounts":[${counts.map((inBucket) => `"${inBucket}"`).join()}],"explicitBounds":[${boundaries.join()}]` +
    `,"exemplars":[${exemplars.map(exemplarText).join()}]}`
  );
}

function originText({ attributes, startTime, time }: NumberReading | HistogramReading): string {
  return `"attributes":[${attributesText(attributes)}],"startTimeUnixNano":"${nanoseconds(startTime)}","timeUnixNano":"${nanoseconds(time)}"`;
}

function exemplarText({ time, value, traceId, spanId }: Exemplar): string {
  return `{"timeUnixNano":"${nanoseconds(time)}","asDouble":${value},"spanId":"${spanId}","traceId":"${traceId}"}`;
}
