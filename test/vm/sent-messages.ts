/** What a broker got of messages against what was traced. */
import type { ReceivedSpan } from "../e2e/support/otlp-json.ts";

/** One line of `messages/receive.go`. A header that didn't come is null. */
export interface SentMessage {
  readonly number: number;
  /** Sent once more afterwards. */
  readonly refused: boolean;
  /** From what it was made with. */
  readonly difference: string;
  /** Names of the headers behind its own. */
  readonly added: readonly string[] | null;
  readonly traceparents: readonly string[] | null;
  readonly tracestates: readonly string[] | null;
  readonly baggages: readonly string[] | null;
  readonly b3: readonly string[] | null;
}

/** What `messages/content.go` gives messages, by their numbers. */
const ownTraceparent = "00-11111111111111111111111111111111-2222222222222222-01";
export const hasOwn = ({ number }: SentMessage) => number % 14 === 3 || number % 14 === 10;
/** More headers than there is room for. */
export const hasTooMany = ({ number }: SentMessage) => number % 97 === 0;

/** Of the request that `calls ask` sends. */
const askedIn = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  tracestate: "vm=1",
  baggage: `user=${"a".repeat(140)}`,
};

/**
 * "all": each message has to have a span and carry it, but for those that have no room. "some": what carries one carries
 * the right one, but for what an agent that was killed has taken along. "limited": the same without that, in all formats.
 */
type Which = "all" | "some" | "limited";

export function messageFaults(
  received: readonly SentMessage[],
  spans: readonly ReceivedSpan[],
  which: Which,
): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const calls = new Map<string, string>();
  return received.flatMap((message) =>
    [...changes(message), ...contextFaults(message, byId, calls, which)].map(
      (fault) => `message ${message.number}: ${fault}`,
    ),
  );
}

function changes({ difference }: SentMessage): string[] {
  return difference === "" ? [] : [`changed: ${difference}`];
}

function contextFaults(
  message: SentMessage,
  spans: ReadonlyMap<string, ReceivedSpan>,
  calls: Map<string, string>,
  which: Which,
): string[] {
  const traceparents = message.traceparents ?? [];
  if (hasOwn(message))
    return traceparents.join() === ownTraceparent && !message.added?.length
      ? []
      : [`traceparents ${traceparents.join()}, added ${message.added?.join()}`];
  if (traceparents.length === 0) {
    const wanted = which === "all" && !hasTooMany(message);
    return wanted || message.added?.length ? [`no traceparent, added ${message.added?.join()}`] : [];
  }
  const [, traceId = "", spanId = ""] = /^00-(.{32})-(.{16})-01$/.exec(traceparents.join()) ?? [];
  const span = spans.get(spanId);
  // An agent that was killed has taken it along.
  if (span === undefined)
    return which === "some" ? [] : [`traceparents ${traceparents.join()}: no such span`];
  // A call under way when the agent came may be the first one of its trace.
  const inTrace = which !== "some" || span.traceId === askedIn.traceId;
  const b3 = which === "limited" ? [`${traceId}-${spanId}-1`, traceId, spanId, "1"] : [];
  return [
    ...unlike("trace", span.traceId, traceId),
    ...unlike("kind", span.kind, "producer"),
    ...belonging(message, span, spans.get(span.parentSpanId), calls),
    ...unlike("tracestate", message.tracestates?.join() ?? "", inTrace ? askedIn.tracestate : ""),
    ...unlike("baggage", message.baggages?.join() ?? "", inTrace ? askedIn.baggage : ""),
    ...unlike("B3", message.b3?.join() ?? "", b3.join()),
  ];
}

/** The span is the message's own, or that of the call which sent it with others. */
function belonging(
  { number }: SentMessage,
  { spanId, attributes }: ReceivedSpan,
  server: ReceivedSpan | undefined,
  calls: Map<string, string>,
): string[] {
  if (attributes["messaging.batch.message_count"] === undefined)
    return unlike("span of message", String(attributes["messaging.kafka.message.key"]), String(number));
  const query = new URLSearchParams(String(server?.attributes["url.query"]));
  const [first, count, each] = ["first", "count", "each"].map((name) => Number(query.get(name)));
  if (first === undefined || count === undefined || each === undefined) return ["no such call"];
  if (number < first || number >= first + count) return [`span of another request, ${query}`];
  const call = `${first} ${Math.floor((number - first) / each)}`;
  const known = calls.get(spanId) ?? call;
  calls.set(spanId, known);
  return unlike("call", known, call);
}

function unlike(what: string, got: string, wanted: string): string[] {
  return got === wanted ? [] : [`${what} ${got}, not ${wanted}`];
}
