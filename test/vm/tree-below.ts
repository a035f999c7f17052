import type { ReceivedSpan } from "../e2e/support/otlp-json.ts";

/** Names of a span's children, and below each those of its own, in alphabetical order. */
export function treeBelow(spans: readonly ReceivedSpan[], { spanId }: ReceivedSpan): unknown {
  const children = spans.filter(({ parentSpanId }) => parentSpanId === spanId);
  const sorted = children.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return Object.fromEntries(sorted.map((child) => [child.name, treeBelow(spans, child)]));
}
