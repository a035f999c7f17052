import { resourceFromAttributes } from "@opentelemetry/resources";
import type {
  HistogramPoint,
  MetricCounts,
  MetricPoint,
  MetricSource,
  NumberPoint,
} from "../../../src/export/metrics-types.ts";

const scope = { name: "otel-go-auto/fake", version: "1", schemaUrl: "https://example.com/1.0" };
const resource = resourceFromAttributes({ "service.name": "fake" });

export function point(more: Partial<NumberPoint> = {}): NumberPoint {
  return {
    name: "fake.connections",
    description: "",
    unit: "{connection}",
    kind: "updowncounter",
    value: 1,
    attributes: {},
    startTime: [1_790_000_000, 5],
    scope,
    resource,
    ...more,
  };
}

export function histogram(more: Partial<HistogramPoint> = {}): HistogramPoint {
  const { kind: _kind, value: _value, ...common } = point();
  return {
    ...common,
    kind: "histogram",
    boundaries: [0.5, 1],
    counts: [1, 0, 2],
    count: 3,
    sum: 7.5,
    min: 0.25,
    max: 5,
    exemplars: [],
    ...more,
  };
}

/** A source that gives the same points at each look, and counts the looks. */
export function fakeSource(...points: MetricPoint[]): MetricSource & { looks: number } {
  return {
    looks: 0,
    collect() {
      this.looks++;
      return points;
    },
  };
}

/** What was dropped, without the zeros. */
export function droppedOf({ dropped }: Readonly<MetricCounts>): object {
  return Object.fromEntries(Object.entries(dropped).filter(([, count]) => count > 0));
}

export function sumOf({ exported, pending, dropped }: Readonly<MetricCounts>): number {
  return Object.values(dropped).reduce((sum, count) => sum + count, exported + pending);
}
