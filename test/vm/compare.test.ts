/** The comparison must see what it is there for: any one field of any one span. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReceivedSpan } from "../e2e/support/otlp-json.ts";
import { compare, type Sent } from "./compare.ts";

const sent: readonly Sent[] = [0, 1].map((number) => ({
  number,
  method: "GET",
  path: `/files/${number}`,
  query: `n=${number}`,
  route: "/files/{path...}",
  userAgent: `load/${number}`,
  headers: 12,
  traceId: number === 0 ? "1".repeat(32) : "",
  parentId: number === 0 ? "2".repeat(16) : "",
  traceState: number === 0 ? "vm=0" : "",
  port: 40000 + number,
  status: 200,
}));

const traced = sent.map(
  (request): ReceivedSpan => ({
    traceId: request.traceId || "3".repeat(32),
    spanId: String(request.number).repeat(16),
    parentSpanId: request.parentId,
    flags: 1,
    traceState: request.traceState,
    name: "GET /files/{path...}",
    kind: "server",
    start: 1n,
    end: 2n,
    attributes: {
      "http.request.method": "GET",
      "http.response.status_code": 200,
      "http.route": "/files/{path...}",
      "url.path": request.path,
      "url.query": request.query,
      "user_agent.original": request.userAgent,
      "network.peer.port": request.port,
    },
    droppedAttributes: 0,
    events: [],
    droppedEvents: 0,
    links: [],
    droppedLinks: 0,
    status: { code: "unset" },
    scope: { name: "", version: "", schemaUrl: "" },
    resource: {},
  }),
);
const [first, second] = traced as [ReceivedSpan, ReceivedSpan];

test("what was traced as it was sent is right, in any order", () => {
  assert.deepEqual(compare(sent, [second, first]), { missing: [], surplus: [], wrong: [] });
});

test("a missing, a doubled and a foreign span are told", () => {
  assert.deepEqual(
    compare(sent, [first]).missing.map((request) => request.number),
    [1],
  );
  assert.deepEqual(compare(sent, [first, second, second]).surplus, [second]);
  const foreign = { ...second, attributes: { ...second.attributes, "url.query": "n=17" } };
  assert.deepEqual(compare(sent, [first, second, foreign]).surplus, [foreign]);
});

const attributes = Object.keys(first.attributes).filter((name) => name !== "url.query");
for (const name of attributes) {
  test(`a wrong ${name} is told`, () => {
    const broken = { ...first, attributes: { ...first.attributes, [name]: "x" } };
    const { wrong } = compare(sent, [broken, second]);
    assert.equal(wrong.length, 1);
    assert.match(wrong[0] ?? "", new RegExp(`^request 0 .*${name} is x`));
  });
}

for (const change of [
  { traceId: "4".repeat(32) },
  { parentSpanId: "" },
  { traceState: "vm=1" },
  { name: "GET" },
  { kind: "client" },
  { end: 0n },
  { spanId: second.spanId },
]) {
  test(`a wrong ${Object.keys(change)[0]} is told`, () => {
    assert.equal(compare(sent, [{ ...first, ...change }, second]).wrong.length, 1);
  });
}
