// Metrics on the wire, compared with what OpenTelemetry's own serializers write of them. Those write no exemplars.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type HrTime, ValueType } from "@opentelemetry/api";
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import { type Metric, nested, type Reading } from "../../src/export/metrics-data.ts";
import { metricsPayload } from "../../src/export/metrics-payload.ts";
import type { MetricPoint } from "../../src/export/metrics-types.ts";
import { histogram, point } from "./support/metrics.ts";
import { decodeMetrics } from "./support/otlp-metrics.ts";

const time: HrTime = [1_790_000_060, 999_999_999];
const read = (points: readonly MetricPoint[]): Reading[] => points.map((point) => ({ ...point, time }));

function theirs(readings: readonly Reading[]): ResourceMetrics[] {
  return nested(readings).map(({ resource, scopes }) => ({
    resource,
    scopeMetrics: scopes.map(({ scope, metrics }) => ({ scope, metrics: metrics.map(metricData) })),
  }));
}

function metricData(metric: Metric): MetricData {
  const [{ name, description, unit }] = metric.points;
  const aggregationTemporality = AggregationTemporality.CUMULATIVE;
  if (metric.kind === "histogram")
    return {
      descriptor: { name, description, unit, valueType: ValueType.DOUBLE },
      aggregationTemporality,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: metric.points.map(({ startTime, time, attributes, boundaries, counts, ...value }) => ({
        startTime,
        endTime: time,
        attributes,
        value: { ...value, buckets: { boundaries: [...boundaries], counts: [...counts] } },
      })),
    };
  const common = {
    descriptor: { name, description, unit, valueType: metric.isWhole ? ValueType.INT : ValueType.DOUBLE },
    aggregationTemporality,
    dataPoints: metric.points.map(({ startTime, time, attributes, value }) => ({
      startTime,
      endTime: time,
      attributes,
      value,
    })),
  };
  if (metric.kind === "gauge") return { ...common, dataPointType: DataPointType.GAUGE };
  return { ...common, dataPointType: DataPointType.SUM, isMonotonic: metric.kind === "counter" };
}

const other = resourceFromAttributes(
  { "service.name": "ü".repeat(100) },
  { schemaUrl: "https://example.com/2" },
);
const cases: Record<string, MetricPoint[]> = {
  "a value": [point()],
  "each kind": [
    point({ name: "a", kind: "gauge" }),
    point({ name: "b", kind: "counter" }),
    point({ name: "c", kind: "updowncounter", value: -3, description: "about c" }),
    histogram({ name: "d", description: "about d" }),
  ],
  "whole numbers and others": [
    ...[0, -1, 2 ** 32, -(2 ** 32) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER].map((value) =>
      point({ name: "whole", value }),
    ),
    ...[0, 0.1, -1e300, 1e-9].map((value) => point({ name: "other", value })),
    point({ name: "double", valueType: "double", value: 2 }),
  ],
  "every kind of attribute": [
    point({
      attributes: { text: "é", yes: true, n: -7, x: 0.5, list: ["a", "b"], empty: "" },
    }),
  ],
  "histograms of every size": [
    histogram({ boundaries: [], counts: [7], count: 7, sum: -1 }),
    histogram({ counts: [2 ** 40, 0, 1], count: 2 ** 40 + 1 }),
    histogram({ attributes: { long: "x".repeat(20_000) } }),
  ],
  "two targets and two scopes": [
    point(),
    point({ resource: other }),
    point({ scope: { name: "bare" }, resource: other }),
    point({ name: "second" }),
  ],
};

describe("metrics on the wire", () => {
  for (const [name, points] of Object.entries(cases)) {
    test(`${name}: protobuf says what the OTel serializer says`, () => {
      const readings = read(points);
      const expected = theirs(readings).flatMap(
        (one) =>
          decodeMetrics(ProtobufMetricsSerializer.serializeRequest(one) ?? Buffer.of()).resourceMetrics,
      );
      assert.deepEqual(decodeMetrics(metricsPayload(readings, "protobuf").bytes).resourceMetrics, expected);
    });

    test(`${name}: JSON says what protobuf says`, () => {
      const readings = read(points);
      const expected = theirs(readings).flatMap(
        (one) => fromTheirJson(JsonMetricsSerializer.serializeRequest(one)).resourceMetrics as object[],
      );
      assert.deepEqual(fromJson(metricsPayload(readings, "json").bytes).resourceMetrics, expected);
    });
  }

  const ids = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
  const exemplars = [0.25, 7].map((value): { value: number; time: HrTime } & typeof ids => ({
    value,
    time: [1_790_000_001, 5],
    ...ids,
  }));

  test("exemplars", () => {
    const readings = read([histogram({ exemplars })]);
    const { resourceMetrics } = decodeMetrics(metricsPayload(readings, "protobuf").bytes);
    const [found] = resourceMetrics[0]?.scopeMetrics[0]?.metrics[0]?.histogram?.dataPoints ?? [];
    assert.deepEqual(
      found?.exemplars,
      [0.25, 7].map((asDouble) => ({ ...ids, asDouble, timeUnixNano: "1790000001000000005" })),
    );
    const json = JSON.parse(Buffer.from(metricsPayload(readings, "json").bytes).toString());
    assert.deepEqual(
      json.resourceMetrics[0].scopeMetrics[0].metrics[0].histogram.dataPoints[0].exemplars,
      found?.exemplars,
    );
  });

  test("a histogram of nothing has no least and no greatest value", () => {
    const empty = histogram({ counts: [0, 0, 0], count: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: 0 });
    const { resourceMetrics } = decodeMetrics(metricsPayload(read([empty]), "protobuf").bytes);
    const [found] = resourceMetrics[0]?.scopeMetrics[0]?.metrics[0]?.histogram?.dataPoints ?? [];
    assert.ok(found && !("min" in found) && !("max" in found), JSON.stringify(found));
    const json = Buffer.from(metricsPayload(read([empty]), "json").bytes).toString();
    assert.doesNotMatch(json, /"min"|null/);
  });
});

type Json = { [name: string]: unknown };

function fromJson(bytes: Uint8Array): Json {
  return normal(JSON.parse(Buffer.from(bytes).toString())) as Json;
}

function fromTheirJson(bytes: Uint8Array | undefined): Json {
  return fromJson(bytes ?? Buffer.of());
}

/**
 * 64-bit numbers may be texts or numbers in JSON; what is empty or nothing may be left out. Theirs writes the schema of a
 * resource also into it, where the format has none.
 */
function normal(value: unknown, of = ""): unknown {
  if (Array.isArray(value)) return value.map((part) => normal(part));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .filter(([, part]) => part !== undefined && part !== "" && !(Array.isArray(part) && part.length === 0))
    .filter(([name]) => name !== "droppedAttributesCount" && !(of === "resource" && name === "schemaUrl"))
    .map(([name, part]) => [name, /^(asInt|intValue|count)$/.test(name) ? String(part) : normal(part, name)])
    .map(([name, part]) => [name, name === "bucketCounts" ? (part as unknown[]).map(String) : part]);
  return Object.fromEntries(entries);
}
