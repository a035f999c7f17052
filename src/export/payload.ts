import type { SpanRecord } from "../spans/types.ts";

/** One request, ready to be sent. */
export interface Payload {
  /** Spans, or points of metrics. */
  readonly items: number;
  readonly bytes: Uint8Array;
}

/** Collects spans into the next payload. One is in use at a time. */
export interface PayloadBuilder {
  /** Spans in it. */
  readonly spans: number;
  /** About the bytes that it will have. */
  readonly size: number;
  append(span: SpanRecord): void;
  /** Hands out what was collected and starts anew. */
  finish(): Payload;
}
