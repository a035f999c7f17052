import type { Attributes, HrTime } from "@opentelemetry/api";
import type { InstrumentationScope } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";

/** What stands for now. Points of one scope and name are one metric, told apart by their attributes. */
export type MetricPoint = NumberPoint | HistogramPoint;

/** A value as it stands now. */
export interface NumberPoint extends PointOrigin {
  /** The instruments of the API whose value is read, not recorded. A counter only grows, from 0 at its `startTime`. */
  readonly kind: "gauge" | "counter" | "updowncounter";
  /** Finite; one that is not is left out and counted. A counter restarts with another `startTime` only. */
  readonly value: number;
  /** "double" for what is not counted in whole numbers, such as seconds. */
  readonly valueType?: "int" | "double";
}

/** How many values of each size there were since `startTime`. */
export interface HistogramPoint extends PointOrigin {
  readonly kind: "histogram";
  /** Upper bounds of all buckets but the last one, each of which belongs to its bucket. */
  readonly boundaries: readonly number[];
  /** Values in each bucket: one more than there are boundaries. */
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** At most one for each bucket. */
  readonly exemplars: readonly Exemplar[];
}

/** One of the values, with the span that it was measured of. */
export interface Exemplar {
  readonly value: number;
  readonly time: HrTime;
  readonly traceId: string;
  readonly spanId: string;
}

interface PointOrigin {
  readonly name: string;
  readonly description: string;
  /** In UCUM: "s", "By", "{connection}". */
  readonly unit: string;
  readonly attributes: Attributes;
  /** [seconds, nanoseconds] since the epoch: since when a sum is counted, since when a gauge is watched. */
  readonly startTime: HrTime;
  /** Shared between all points of one library (exporters group by identity). */
  readonly scope: InstrumentationScope;
  /** Shared between all points of one target (exporters group by identity). */
  readonly resource: Resource;
}

/** Whoever has values. */
export interface MetricSource {
  /** The values now. Called once an interval, and a last time when the source is removed. */
  collect(): readonly MetricPoint[];
}

/** received = exported + all dropped + pending, at any time. */
export interface MetricCounts {
  /** Points that sources gave. */
  received: number;
  exported: number;
  /** Of removed sources, waiting for the next export; or in flight. */
  pending: number;
  /** Exports that were given up. */
  failures: number;
  readonly dropped: Record<MetricDropReason, number>;
}

export const metricDropReasons = ["tooMany", "notFinite", "exportFailed", "rejected", "shutdown"] as const;
export type MetricDropReason = (typeof metricDropReasons)[number];

/** Where values go, at an interval. Nothing here throws or blocks the caller. */
export interface MetricExporter {
  /** Asks `source` from now on. The result removes it, after a last look: so while it can still be read. */
  add(source: MetricSource): () => void;
  /** The live counters. */
  readonly counts: Readonly<MetricCounts>;
  /** Exports once more and closes, in at most `deadlineMs`. Sources that are still there are asked. */
  shutdown(deadlineMs: number): Promise<void>;
}
