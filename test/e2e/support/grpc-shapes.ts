import type { ReceivedSpan } from "./otlp-json.ts";
import type { Server } from "./server.ts";

/** Where a load's requests go: request {n} calls method `${kind}${n}`, which the other end answers whatever it is. */
export function callUrl({ ports }: Server, kind: string, query: string): string {
  return `http://127.0.0.1:${ports.h1}/call?to=any&method=/load/${kind}{n}&strict=1&${query}`;
}

/**
 * How often each shape comes among the calls of a kind: a call's spans as a tree of kinds and names, in which ID stands
 * for what makes it different from the others. A span whose parent is another call's is a tree of its own, "elsewhere".
 */
export function shapesOf(spans: readonly ReceivedSpan[], kind: string): Record<string, number> {
  const shapes: Record<string, number> = {};
  for (const [id, own] of byId(spans, kind)) {
    const shape = shapeOf(own, id);
    shapes[shape] = (shapes[shape] ?? 0) + 1;
  }
  return shapes;
}

function byId(spans: readonly ReceivedSpan[], kind: string): Map<string, ReceivedSpan[]> {
  const pattern = new RegExp(`\\b${kind}\\d+\\b`);
  const groups = new Map<string, ReceivedSpan[]>();
  for (const span of spans) {
    const id = pattern.exec(`${span.attributes["url.query"] ?? span.name}`)?.[0];
    if (id !== undefined) groups.set(id, [...(groups.get(id) ?? []), span]);
  }
  return groups;
}

function shapeOf(spans: readonly ReceivedSpan[], id: string): string {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const shape = (span: ReceivedSpan): string => {
    const below = spans.filter(({ parentSpanId }) => parentSpanId === span.spanId).map(shape);
    const own = `${span.kind} ${span.name.replace(id, "ID").replace(/^GET$/, "GET /call")}`;
    return below.length > 0 ? `${own} (${below.sort().join(", ")})` : own;
  };
  return spans
    .filter(({ parentSpanId }) => !known.has(parentSpanId))
    .map((root) => (root.parentSpanId === "" ? shape(root) : `elsewhere ${shape(root)}`))
    .sort()
    .join("; ");
}
