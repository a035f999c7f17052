import type { HrTime } from "@opentelemetry/api";
import type { InstrumentationScope } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import type { HistogramPoint, MetricPoint, NumberPoint } from "./metrics-types.ts";

/** A point and when it was read: [seconds, nanoseconds] since the epoch. */
export type Reading = MetricPoint & { readonly time: HrTime };
export type NumberReading = NumberPoint & { readonly time: HrTime };
export type HistogramReading = HistogramPoint & { readonly time: HrTime };

/** Points of one metric. */
export type Metric =
  | { readonly kind: NumberPoint["kind"]; readonly isWhole: boolean; readonly points: Group<NumberReading> }
  | { readonly kind: "histogram"; readonly points: Group<HistogramReading> };

/** The readings as OTLP nests them: resource → scope → metric → points. */
export function nested(readings: readonly Reading[]): readonly ResourceMetrics[] {
  return groups(readings, ({ resource }) => resource).map(([resource, ofResource]) => ({
    resource,
    scopes: groups(ofResource, ({ scope }) => scope).map(([scope, ofScope]) => ({
      scope,
      metrics: groups(ofScope, ({ kind, name }) => `${kind} ${name}`).map(([, points]) => metricOf(points)),
    })),
  }));
}

export interface ResourceMetrics {
  readonly resource: Resource;
  readonly scopes: readonly { readonly scope: InstrumentationScope; readonly metrics: readonly Metric[] }[];
}

function metricOf(points: Group<Reading>): Metric {
  const [{ kind }] = points;
  if (kind === "histogram") return { kind, points: points as Group<HistogramReading> };
  const numbers = points as Group<NumberReading>;
  return { kind, isWhole: numbers.every(isWhole), points: numbers };
}

/** Numbers that an integer cannot hold make the whole metric one of doubles. */
function isWhole({ valueType, value }: NumberReading): boolean {
  return valueType !== "double" && Number.isSafeInteger(value);
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
