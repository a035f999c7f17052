import type { HrTime, SpanKind, SpanStatus } from "@opentelemetry/api";
import type { InstrumentationScope } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import type { EventsAndLinks, SpanAttributes } from "../libraries/span-parts.ts";

/** A finished span on its way out. Ids are lower-case hex, times are [seconds, nanoseconds] since the epoch. */
export interface SpanRecord extends EventsAndLinks {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly parentIsRemote: boolean;
  readonly traceFlags: number;
  readonly traceState: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly attributes: SpanAttributes;
  /** How many more there were than the limit allows. */
  readonly droppedAttributes: number;
  readonly status: SpanStatus;
  /** Shared between all spans of one library, or of one tracer of the application (exporters group by identity). */
  readonly scope: InstrumentationScope;
  /** Shared between all spans of one target (exporters group by identity). */
  readonly resource: Resource;
}
