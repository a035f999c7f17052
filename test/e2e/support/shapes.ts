import type { ReceivedSpan } from "./otlp-json.ts";

/**
 * Spans as a tree of their kinds and names, children in order of their names: the order in which they ran is the
 * program's. A span whose parent isn't among them is a tree of its own, "elsewhere" when it has one.
 */
export function shapeOf(
  spans: readonly ReceivedSpan[],
  nameOf: (span: ReceivedSpan) => string = ({ name }) => name,
): string {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const children = groupBy(spans, ({ parentSpanId }) => parentSpanId);
  const shape = (span: ReceivedSpan): string => {
    const below = (children.get(span.spanId) ?? []).map(shape).sort();
    const own = `${span.kind} ${nameOf(span)}`;
    return below.length > 0 ? `${own} (${below.join(", ")})` : own;
  };
  return spans
    .filter(({ parentSpanId }) => !known.has(parentSpanId))
    .map((root) => (root.parentSpanId === "" ? shape(root) : `elsewhere ${shape(root)}`))
    .sort()
    .join("; ");
}

/** How often each comes. */
export function countOf(shapes: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const shape of shapes) counts[shape] = (counts[shape] ?? 0) + 1;
  return counts;
}

/** Those without a key belong to no group. */
export function groupBy(
  spans: readonly ReceivedSpan[],
  key: (span: ReceivedSpan) => string | undefined,
): Map<string, ReceivedSpan[]> {
  const groups = new Map<string, ReceivedSpan[]>();
  for (const span of spans) {
    const name = key(span);
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group) group.push(span);
    else groups.set(name, [span]);
  }
  return groups;
}
