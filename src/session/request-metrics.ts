/**
 * How long requests and calls take, by the attributes that each library names. Of the spans that are exported and of
 * those that the sampler leaves out.
 */
import type { Attributes, HrTime } from "@opentelemetry/api";
import type { InstrumentationScope } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import { Histogram } from "../export/histogram.ts";
import type { Exemplar, MetricPoint, MetricSource } from "../export/metrics-types.ts";
import type { DurationMetric, Library } from "../libraries/descriptor.ts";
import type { SpanAttributes } from "../libraries/span-parts.ts";
import type { SpanRecord } from "../spans/types.ts";

/** Sets of attributes of one metric, as in OpenTelemetry's SDKs; what comes behind them is measured as one set. */
const maxSets = 2_000;
const overflow = { "otel.metric.overflow": true } as const;

interface MeasuredTarget {
  /** A record's library is an index into these. */
  readonly libraries: readonly { readonly library: Library; readonly scope: InstrumentationScope }[];
  readonly resource: Resource;
  /** Since when it is watched. */
  readonly startTime: HrTime;
}

interface Series {
  readonly attributes: Attributes;
  readonly histogram: Histogram;
}

export class RequestMetrics implements MetricSource {
  readonly #target: MeasuredTarget;
  /** Of each library, by the values of its attributes. */
  readonly #series: readonly Map<string, Series>[];

  constructor(target: MeasuredTarget) {
    this.#target = target;
    this.#series = target.libraries.map(() => new Map());
  }

  /** `attributes` are those of the span, which is only there when it is exported. */
  record(library: number, attributes: SpanAttributes, seconds: number, span: SpanRecord | undefined): void {
    const duration = this.#target.libraries[library]?.library.duration;
    const series = this.#series[library];
    if (duration === undefined || series === undefined) return;
    const key = keyOf(duration, attributes);
    const found = series.get(key) ?? newSeries(series, key, duration, attributes);
    found.histogram.record(seconds, span && exemplarOf(span, seconds));
  }

  collect(): readonly MetricPoint[] {
    const { libraries, resource, startTime } = this.#target;
    return libraries.flatMap(({ library: { duration }, scope }, index) =>
      duration === undefined
        ? []
        : [...(this.#series[index]?.values() ?? [])].map((series) => ({
            ...pointOf(duration, series),
            scope,
            resource,
            startTime,
          })),
    );
  }
}

/** One text for each set. Ends in a NUL, as no other key does. */
function keyOf({ attributes: names }: DurationMetric, attributes: SpanAttributes): string {
  let key = "";
  for (const name of names) {
    const value = attributes[name];
    key += value === undefined ? "\0" : `${value}\0`;
  }
  return key;
}

function newSeries(
  all: Map<string, Series>,
  key: string,
  { boundaries, attributes: names }: DurationMetric,
  attributes: SpanAttributes,
): Series {
  const isLast = all.size >= maxSets - 1;
  const known = isLast ? all.get("overflow") : undefined;
  if (known) return known;
  const series = {
    attributes: isLast ? overflow : pick(attributes, names),
    histogram: new Histogram(boundaries),
  };
  all.set(isLast ? "overflow" : key, series);
  return series;
}

/** What a library names is of its own making, and so of the conventions' types. */
function pick(attributes: SpanAttributes, names: readonly string[]): Attributes {
  const entries = names.flatMap((name) => (attributes[name] === undefined ? [] : [[name, attributes[name]]]));
  return Object.fromEntries(entries) as Attributes;
}

function exemplarOf({ traceId, spanId, endTime }: SpanRecord, value: number): Exemplar {
  return { value, time: endTime, traceId, spanId };
}

function pointOf({ name, description, boundaries }: DurationMetric, { attributes, histogram }: Series) {
  const { counts, count, sum, min, max, exemplars } = histogram;
  return {
    kind: "histogram",
    name,
    description,
    unit: "s",
    attributes,
    boundaries,
    counts: [...counts],
    count,
    sum,
    min,
    max,
    exemplars: exemplars.filter((exemplar) => exemplar !== undefined),
  } as const;
}
