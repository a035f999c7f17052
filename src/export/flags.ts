import type { SpanLink } from "../libraries/span-parts.ts";
import type { SpanRecord } from "../spans/types.ts";

/** SpanFlags of OTLP: the trace flags of W3C in the low byte, and what is known of the parent. */
const parentIsKnown = 0x100;
const parentIsRemote = 0x200;

export function spanFlags(span: SpanRecord): number {
  return (span.traceFlags & 0xff) | parentIsKnown | (span.parentIsRemote ? parentIsRemote : 0);
}

/** Whether what a link leads to is remote isn't known. */
export function linkFlags({ traceFlags }: SpanLink): number {
  return traceFlags & 0xff;
}
