/** What libraries know to measure of a target, as metrics. */
import type { HrTime } from "@opentelemetry/api";
import type { InstrumentationScope } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import type { MetricPoint, MetricSource } from "../export/metrics-types.ts";
import type { Library, SpanFacts } from "../libraries/descriptor.ts";

export interface MeasuredTarget {
  readonly libraries: readonly { readonly library: Library; readonly scope: InstrumentationScope }[];
  readonly facts: SpanFacts;
  readonly resource: Resource;
  /** Since when it is watched. */
  readonly startTime: HrTime;
}

export function libraryMetrics({ libraries, facts, resource, startTime }: MeasuredTarget): MetricSource {
  return {
    collect: () =>
      libraries.flatMap(({ library, scope }) =>
        (library.metrics?.(facts) ?? []).map(
          (value): MetricPoint => ({ ...value, startTime, scope, resource }),
        ),
      ),
  };
}
