import type { ReceivedSpan } from "./otlp-json.ts";
import type { Server } from "./server.ts";
import { countOf, groupBy, shapeOf } from "./shapes.ts";

/** Where a load's requests go: request {n} calls method `${kind}${n}`, which the other end answers whatever it is. */
export function callUrl({ ports }: Server, kind: string, query: string): string {
  return `http://127.0.0.1:${ports.h1}/call?to=any&method=/load/${kind}{n}&strict=1&${query}`;
}

/**
 * How often each shape comes among the calls of a kind: a call's spans as `shapeOf` gives them, in which ID stands for
 * what makes it different from the others. What has another call's span for its parent is "elsewhere".
 */
export function shapesOf(spans: readonly ReceivedSpan[], kind: string): Record<string, number> {
  const pattern = new RegExp(`\\b${kind}\\d+\\b`);
  const calls = groupBy(
    spans,
    ({ attributes, name }) => pattern.exec(`${attributes["url.query"] ?? name}`)?.[0],
  );
  const shapes = [...calls].map(([id, own]) => shapeOf(own, ({ name }) => withoutId(name, id)));
  return countOf(shapes);
}

/** Older builds know no routes. */
function withoutId(name: string, id: string): string {
  return name === "GET" ? "GET /call" : name.replace(id, "ID");
}
