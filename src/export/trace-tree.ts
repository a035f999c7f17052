import type { SpanRecord } from "../spans/types.ts";
import { nanosecondsBetween } from "./units.ts";

export interface Row {
  readonly span: SpanRecord;
  /** 0 for a span whose parent is not among the spans. */
  readonly depth: number;
}

/** The spans of one trace as the rows of a tree: parents before children, earlier before later. */
export function rowsOf(spans: readonly SpanRecord[]): Row[] {
  const sorted = [...spans].sort((a, b) => nanosecondsBetween(b.startTime, a.startTime));
  const ids = new Set(sorted.map((span) => span.spanId));
  const childrenOf = new Map<string, SpanRecord[]>();
  const roots: SpanRecord[] = [];
  for (const span of sorted) {
    const parent = span.parentSpanId;
    if (parent === undefined || !ids.has(parent)) roots.push(span);
    else childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), span]);
  }
  // Ids come from outside. Spans that are each other's parents hang on no root: they are shown as roots.
  const rows: Row[] = [];
  const seen = new Set<SpanRecord>();
  const visit = (span: SpanRecord, depth: number): void => {
    if (seen.has(span)) return;
    seen.add(span);
    rows.push({ span, depth });
    for (const child of childrenOf.get(span.spanId) ?? []) visit(child, depth + 1);
  };
  for (const span of [...roots, ...sorted]) visit(span, 0);
  return rows;
}
