/**
 * Metrics as the OTLP message ExportMetricsServiceRequest. OpenTelemetry's own serializer writes no exemplars.
 * Field numbers: opentelemetry/proto/metrics/v1/metrics.proto of https://github.com/open-telemetry/opentelemetry-proto
 */
import type { HistogramReading, Metric, NumberReading, ResourceMetrics } from "../metrics-data.ts";
import type { Exemplar } from "../metrics-types.ts";
import { writeAttributes } from "./attributes.ts";
import { requestTag, resourceTag, scopeTag, writeResource, writeScope, writeText } from "./resource.ts";
import { writeId, writeTime } from "./span.ts";
import { ProtobufWriter, tag, wireType } from "./writer.ts";

const metricTag = {
  name: tag(1, wireType.bytes),
  description: tag(2, wireType.bytes),
  unit: tag(3, wireType.bytes),
  gauge: tag(5, wireType.bytes),
  sum: tag(7, wireType.bytes),
  histogram: tag(9, wireType.bytes),
} as const;
/** Of Gauge, Sum and Histogram. */
const dataTag = {
  points: tag(1, wireType.bytes),
  temporality: tag(2, wireType.varint),
  isMonotonic: tag(3, wireType.varint),
} as const;
const numberTag = {
  start: tag(2, wireType.fixed64),
  time: tag(3, wireType.fixed64),
  double: tag(4, wireType.fixed64),
  int: tag(6, wireType.fixed64),
  attributes: 7,
} as const;
const histogramTag = {
  start: tag(2, wireType.fixed64),
  time: tag(3, wireType.fixed64),
  count: tag(4, wireType.fixed64),
  sum: tag(5, wireType.fixed64),
  counts: tag(6, wireType.bytes),
  boundaries: tag(7, wireType.bytes),
  exemplars: tag(8, wireType.bytes),
  attributes: 9,
  min: tag(11, wireType.fixed64),
  max: tag(12, wireType.fixed64),
} as const;
const exemplarTag = {
  time: tag(2, wireType.fixed64),
  double: tag(3, wireType.fixed64),
  spanId: tag(4, wireType.bytes),
  traceId: tag(5, wireType.bytes),
} as const;

/** AGGREGATION_TEMPORALITY_CUMULATIVE */
export const cumulative = 2;

export function writeMetrics(all: readonly ResourceMetrics[]): Uint8Array {
  const writer = new ProtobufWriter();
  for (const { resource, scopes } of all)
    message(writer, requestTag.resource, () => {
      writeResource(writer, resource);
      for (const { scope, metrics } of scopes)
        message(writer, resourceTag.scope, () => {
          writeScope(writer, scope);
          for (const metric of metrics) writeMetric(writer, metric);
          if (scope.schemaUrl) writeText(writer, scopeTag.schemaUrl, scope.schemaUrl);
        });
      if (resource.schemaUrl) writeText(writer, resourceTag.schemaUrl, resource.schemaUrl);
    });
  return writer.written();
}

function writeMetric(writer: ProtobufWriter, metric: Metric): void {
  const [{ name, description, unit }] = metric.points;
  message(writer, scopeTag.items, () => {
    writeText(writer, metricTag.name, name);
    if (description) writeText(writer, metricTag.description, description);
    if (unit) writeText(writer, metricTag.unit, unit);
    if (metric.kind === "gauge") message(writer, metricTag.gauge, () => writePoints(writer, metric));
    else
      message(writer, metric.kind === "histogram" ? metricTag.histogram : metricTag.sum, () => {
        writePoints(writer, metric);
        writer.byte(dataTag.temporality);
        writer.varint(cumulative);
        if (metric.kind === "counter") {
          writer.byte(dataTag.isMonotonic);
          writer.byte(1);
        }
      });
  });
}

function writePoints(writer: ProtobufWriter, metric: Metric): void {
  if (metric.kind === "histogram")
    for (const point of metric.points) message(writer, dataTag.points, () => writeHistogram(writer, point));
  else
    for (const point of metric.points)
      message(writer, dataTag.points, () => writeNumber(writer, point, metric.isWhole));
}

function writeNumber(writer: ProtobufWriter, point: NumberReading, isWhole: boolean): void {
  const { startTime, time, value, attributes } = point;
  writeTime(writer, numberTag.start, startTime);
  writeTime(writer, numberTag.time, time);
  if (isWhole) {
    writer.byte(numberTag.int);
    writeFixed64(writer, value);
  } else {
    writeDouble(writer, numberTag.double, value);
  }
  writeAttributes(writer, numberTag.attributes, attributes);
}

function writeHistogram(writer: ProtobufWriter, point: HistogramReading): void {
  writeTime(writer, histogramTag.start, point.startTime);
  writeTime(writer, histogramTag.time, point.time);
  writer.byte(histogramTag.count);
  writeFixed64(writer, point.count);
  writeDouble(writer, histogramTag.sum, point.sum);
  message(writer, histogramTag.counts, () => {
    for (const count of point.counts) writeFixed64(writer, count);
  });
  message(writer, histogramTag.boundaries, () => {
    for (const boundary of point.boundaries) writer.double(boundary);
  });
  for (const exemplar of point.exemplars)
    message(writer, histogramTag.exemplars, () => writeExemplar(writer, exemplar));
  writeAttributes(writer, histogramTag.attributes, point.attributes);
  if (point.count === 0) return;
  writeDouble(writer, histogramTag.min, point.min);
  writeDouble(writer, histogramTag.max, point.max);
}

function writeExemplar(writer: ProtobufWriter, { time, value, spanId, traceId }: Exemplar): void {
  writeTime(writer, exemplarTag.time, time);
  writeDouble(writer, exemplarTag.double, value);
  writeId(writer, exemplarTag.spanId, spanId);
  writeId(writer, exemplarTag.traceId, traceId);
}

/** A message, or a packed list, of unknown length. */
function message(writer: ProtobufWriter, fieldTag: number, write: () => void): void {
  writer.byte(fieldTag);
  const start = writer.open();
  write();
  writer.close(start);
}

function writeDouble(writer: ProtobufWriter, fieldTag: number, value: number): void {
  writer.byte(fieldTag);
  writer.double(value);
}

/** A safe integer, negative ones in two's complement. */
function writeFixed64(writer: ProtobufWriter, value: number): void {
  writer.fixed64(value >>> 0, Math.floor(value / 0x1_0000_0000) >>> 0);
}
