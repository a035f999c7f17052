import assert from "node:assert/strict";
import test from "node:test";
import type { ReceivedSpan } from "../e2e/support/otlp-json.ts";
import { messageFaults, type SentMessage } from "./sent-messages.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const server = span("00000000000000aa", "server", { "url.query": "first=10&count=40&each=20" });
const own = span("00000000000000a1", "producer", { "messaging.kafka.message.key": "1" });
const batch = span("00000000000000b1", "producer", { "messaging.batch.message_count": 20 });
const spans = [server, own, batch];

function span(spanId: string, kind: string, attributes: ReceivedSpan["attributes"]): ReceivedSpan {
  const parentSpanId = kind === "server" ? "" : "00000000000000aa";
  return { traceId, spanId, parentSpanId, kind, attributes } as ReceivedSpan;
}

function message(number: number, spanId: string | undefined, change: Partial<SentMessage> = {}): SentMessage {
  return {
    number,
    refused: false,
    difference: "",
    added: spanId === undefined ? null : ["traceparent", "tracestate", "baggage"],
    traceparents: spanId === undefined ? null : [`00-${traceId}-${spanId}-01`],
    tracestates: spanId === undefined ? null : ["vm=1"],
    baggages: spanId === undefined ? null : [`user=${"a".repeat(140)}`],
    b3: null,
    ...change,
  };
}

const ownTraceparent = ["00-11111111111111111111111111111111-2222222222222222-01"];

test("messages that carry their span, or their call's, have no fault", () => {
  const received = [
    message(1, own.spanId),
    message(12, batch.spanId),
    message(28, batch.spanId),
    message(17, undefined, { traceparents: ownTraceparent }),
    message(97, undefined),
  ];
  assert.deepEqual(messageFaults(received, spans, "all"), []);
});

for (const [fault, wrong] of [
  ["a changed value", message(1, own.spanId, { difference: "a value" })],
  ["no context", message(1, undefined)],
  ["another message's span", message(2, own.spanId)],
  ["no such span", message(1, "00000000000000ff")],
  ["a span of another kind", message(1, server.spanId)],
  ["a span of another request's call", message(60, batch.spanId)],
  ["two contexts", message(1, own.spanId, { traceparents: [...ownTraceparent, ...ownTraceparent] })],
  ["another trace", message(1, own.spanId, { traceparents: [`00-${"3".repeat(32)}-${own.spanId}-01`] })],
  ["a context beside its own", message(17, own.spanId)],
  ["no tracestate", message(1, own.spanId, { tracestates: null })],
  ["formats that were not asked for", message(1, own.spanId, { b3: ["1"] })],
] as const)
  test(`found: ${fault}`, () => {
    assert.notDeepEqual(messageFaults([wrong], spans, "all"), []);
  });

test("found: the span of another call of the same request", () => {
  const received = [message(12, batch.spanId), message(40, batch.spanId)];
  assert.equal(messageFaults(received, spans, "all").length, 1);
});
