/** The comparison must see what it is there for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReceivedSpan } from "../e2e/support/otlp-json.ts";
import { faults, type Received } from "./received.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "3".repeat(16);

const span: ReceivedSpan = {
  traceId,
  spanId,
  parentSpanId: "",
  flags: 1,
  traceState: "",
  name: "GET",
  kind: "client",
  start: 1n,
  end: 2n,
  attributes: { "url.full": "https://127.0.0.1:8443/call?number=1" },
  droppedAttributes: 0,
  events: [],
  droppedEvents: 0,
  links: [],
  droppedLinks: 0,
  status: { code: "unset" },
  scope: { name: "", version: "", schemaUrl: "" },
  resource: {},
};

const request: Received = {
  number: 1,
  protocol: "HTTP/2.0",
  traceparents: [`00-${traceId}-${spanId}-01`],
  tracestates: ["vm=1"],
  baggages: [`user=${"a".repeat(140)}`],
  b3: [],
  headers: 1,
};

test("what was received as it was traced is right", () => {
  assert.deepEqual(faults([request], [span], "all"), []);
  assert.deepEqual(faults([{ ...request, traceparents: null }], [], "some"), []);
});

for (const change of [
  { traceparents: null },
  { traceparents: [...(request.traceparents ?? []), `00-${traceId}-${spanId}-01`] },
  { traceparents: [`00-${traceId}-${"4".repeat(16)}-01`] },
  { tracestates: [] },
  { baggages: ["user=b"] },
  { b3: ["1"] },
  { headers: 2 },
]) {
  test(`a wrong ${Object.keys(change)[0]} is told`, () => {
    assert.equal(faults([{ ...request, ...change }], [span], "all").length, 1);
  });
}

test("a request without a span, and one of another trace, are told", () => {
  assert.equal(faults([request], [], "all").length, 1);
  const other = { ...span, traceId: "5".repeat(32) };
  assert.equal(faults([request], [other], "all").length, 2);
});

test("a request with a header of its own must have it, and no other", () => {
  assert.equal(faults([{ ...request, number: 3 }], [span], "all").length, 1);
});

test("B3 must be there, in both formats, when it was asked for", () => {
  assert.equal(faults([request], [span], "b3").length, 1);
  const b3 = [`${traceId}-${spanId}-1`, traceId, spanId, "1"];
  assert.deepEqual(faults([{ ...request, b3 }], [span], "b3"), []);
});
