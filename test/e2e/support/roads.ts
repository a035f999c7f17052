/** Ways through traces that several processes have a part in. */
import type { ReceivedSpan } from "./otlp-json.ts";

/** From the root down to each span that `isEnd` takes: "process: name > process: name". */
export function roadsTo(
  spans: readonly ReceivedSpan[],
  isEnd: (span: ReceivedSpan) => boolean,
  processOf: (span: ReceivedSpan) => string,
): readonly string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const downTo = (span: ReceivedSpan): readonly ReceivedSpan[] => {
    const parent = byId.get(span.parentSpanId);
    return parent ? [...downTo(parent), span] : [span];
  };
  return spans.filter(isEnd).map((end) =>
    downTo(end)
      .map((span) => `${processOf(span)}: ${span.name}`)
      .join(" > "),
  );
}
