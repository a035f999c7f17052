/** What a span may have beside its library's own attributes, where the application says it. */
import type { AttributeValue, HrTime } from "@opentelemetry/api";

/** A number that stays one with a fraction, also where it has none: 5.0. */
export class Double {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** OTLP's AnyValue. A number without a fraction is an integer; a bigint is one beyond 2^53. */
export type SpanValue =
  | AttributeValue
  | bigint
  | Double
  | Uint8Array
  | readonly (SpanValue | null | undefined)[]
  | ReadonlyMap<string, SpanValue>;

/** For people. */
export function valueText(value: SpanValue | null | undefined): string {
  if (value instanceof Double) return String(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Map) return [...value].map(([key, each]) => `${key}=${valueText(each)}`).join(",");
  return Array.isArray(value) ? value.map(valueText).join(",") : String(value ?? "");
}

/** The conventions' attributes, and whatever an application may set. */
export type SpanAttributes = Readonly<Record<string, SpanValue | undefined>>;

export interface SpanEvent {
  readonly name: string;
  readonly time: HrTime;
  readonly attributes: SpanAttributes;
  readonly droppedAttributes: number;
}

/** An event whose time the application may leave to the agent: when it saw it, of CLOCK_MONOTONIC, nanoseconds. */
export type LibraryEvent = Omit<SpanEvent, "time"> & { readonly time: HrTime | { readonly seenNs: number } };

export interface SpanLink {
  /** Lower-case hex. */
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string | undefined;
  readonly traceFlags: number;
  readonly attributes: SpanAttributes;
  readonly droppedAttributes: number;
}

/** In the order in which they came. */
export interface EventsAndLinks {
  readonly events?: readonly SpanEvent[] | undefined;
  /** How many more there were than the application keeps. */
  readonly droppedEvents?: number | undefined;
  readonly links?: readonly SpanLink[] | undefined;
  readonly droppedLinks?: number | undefined;
}
