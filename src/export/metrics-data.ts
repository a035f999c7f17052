import { type HrTime, ValueType } from "@opentelemetry/api";
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import type { MetricPoint } from "./metrics-types.ts";

/** A point and when it was read: [seconds, nanoseconds] since the epoch. */
export interface Reading extends MetricPoint {
  readonly time: HrTime;
}

/** The SDK's form of what OTLP nests: resource → scope → metric → points. Sums are cumulative. */
export function resourceMetricsOf(readings: readonly Reading[]): ResourceMetrics[] {
  return groups(readings, ({ resource }) => resource).map(([resource, ofResource]) => ({
    resource,
    scopeMetrics: groups(ofResource, ({ scope }) => scope).map(([scope, ofScope]) => ({
      scope,
      metrics: groups(ofScope, ({ kind, name }) => `${kind} ${name}`).map(([, ofMetric]) =>
        metricOf(ofMetric),
      ),
    })),
  }));
}

function metricOf(readings: readonly [Reading, ...Reading[]]): MetricData {
  const [{ name, description, unit, kind }] = readings;
  const metric = {
    descriptor: { name, description, unit, valueType: valueTypeOf(readings) },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: readings.map(({ startTime, time, attributes, value }) => ({
      startTime,
      endTime: time,
      attributes,
      value,
    })),
  };
  if (kind === "gauge") return { ...metric, dataPointType: DataPointType.GAUGE };
  return { ...metric, dataPointType: DataPointType.SUM, isMonotonic: kind === "counter" };
}

/** Numbers that an integer cannot hold make the whole metric one of doubles. */
function valueTypeOf(readings: readonly Reading[]): ValueType {
  const whole = readings.every(
    ({ valueType, value }) => valueType !== "double" && Number.isSafeInteger(value),
  );
  return whole ? ValueType.INT : ValueType.DOUBLE;
}

type Group<Item> = [Item, ...Item[]];

/** Items by key, told apart by identity, in the order of their first ones. */
function groups<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): [Key, Group<Item>][] {
  const found = new Map<Key, Group<Item>>();
  for (const item of items) {
    const key = keyOf(item);
    const group = found.get(key);
    if (group) group.push(item);
    else found.set(key, [item]);
  }
  return [...found];
}
