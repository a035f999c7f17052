// Remote parents out of B3's headers, one or several, when OTEL_PROPAGATORS asks for them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isBalanced, startAgent } from "./support/agent.ts";
import { type Collector, startCollector } from "./support/collector.ts";
import { usual } from "./support/matrix.ts";
import type { ReceivedSpan } from "./support/otlp-json.ts";
import { stopAll } from "./support/process.ts";
import { type Server, startServer } from "./support/server.ts";

const trace = "80f198ee56343ba864fe8b2a57d3eff7";
const short = "a3ce929d0e0e4736";
const parent = "e457b5a2e4d86bd1";
const other = "00f067aa0ba902b7";

interface Case {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Trace and parent that the span must have; undefined: a trace of its own. "dropped": not sampled. */
  readonly expected: readonly [string, string] | undefined | "dropped";
}

const multi = (sampled: Record<string, string> = {}) => ({
  "X-B3-TraceId": trace,
  "X-B3-SpanId": parent,
  ...sampled,
});
const traceparent = `00-${trace}-${other}-01`;

const cases: readonly Case[] = [
  { name: "one", headers: { b3: `${trace}-${parent}-1` }, expected: [trace, parent] },
  { name: "one-with-parent", headers: { b3: `${trace}-${parent}-1-${other}` }, expected: [trace, parent] },
  { name: "one-debug", headers: { b3: `${trace}-${parent}-d` }, expected: [trace, parent] },
  { name: "one-undecided", headers: { b3: `${trace}-${parent}` }, expected: [trace, parent] },
  {
    name: "one-short",
    headers: { b3: `${short}-${parent}-1` },
    expected: [`${"0".repeat(16)}${short}`, parent],
  },
  { name: "one-unsampled", headers: { b3: `${trace}-${parent}-0` }, expected: "dropped" },
  { name: "several", headers: multi({ "X-B3-Sampled": "1" }), expected: [trace, parent] },
  { name: "several-true", headers: multi({ "X-B3-Sampled": "true" }), expected: [trace, parent] },
  { name: "several-undecided", headers: multi(), expected: [trace, parent] },
  { name: "several-unsampled", headers: multi({ "X-B3-Sampled": "0" }), expected: "dropped" },
  {
    name: "several-short",
    headers: { ...multi(), "X-B3-TraceId": short },
    expected: [`${"0".repeat(16)}${short}`, parent],
  },
  { name: "w3c-first", headers: { traceparent, b3: `${trace}-${parent}-1` }, expected: [trace, other] },
  { name: "zero", headers: { b3: `${"0".repeat(32)}-${parent}-1` }, expected: undefined },
  { name: "no-hex", headers: { b3: `${trace.replace("8", "x")}-${parent}-1` }, expected: undefined },
  { name: "cut", headers: { b3: `${trace}-${parent.slice(1)}` }, expected: undefined },
  { name: "no-span", headers: { "X-B3-TraceId": trace }, expected: undefined },
  { name: "long-span", headers: { ...multi(), "X-B3-SpanId": `${parent}0` }, expected: undefined },
];

let collector: Collector;
let server: Server;
before(async () => {
  [collector, server] = await Promise.all([startCollector(), startServer(usual)]);
});
after(async () => {
  await server?.stop();
  await collector?.stop();
  await stopAll();
});

/** The spans of one request of each case, by the case's name. */
async function traceAll(propagators: string): Promise<ReadonlyMap<string, ReceivedSpan>> {
  const already = (await collector.spans()).length;
  const env = { OTEL_PROPAGATORS: propagators };
  const agent = await startAgent({ pid: server.running.pid, endpoint: collector.httpEndpoint, env });
  for (const { name, headers } of cases)
    await fetch(`http://127.0.0.1:${server.ports.h1}/plain?${name}`, { headers }).then((it) => it.text());
  const { account } = await agent.stop();
  assert.ok(isBalanced(account), account.line);
  assert.equal(account.requests, cases.length);
  const all = await collector.waitFor((spans) => spans.length >= already + account.exported);
  return new Map(all.slice(already).map((span) => [String(span.attributes["url.query"]), span]));
}

test("each form of B3 gives its parent, and what is no B3 gives none", async () => {
  const spans = await traceAll("tracecontext,b3,b3multi");
  for (const { name, expected } of cases) {
    const span = spans.get(name);
    if (expected === "dropped") {
      assert.equal(span, undefined, name);
      continue;
    }
    assert.ok(span, name);
    if (expected) assert.deepEqual([span.traceId, span.parentSpanId], expected, name);
    else assert.equal(span.parentSpanId, "", name);
  }
});

test("without being asked for, B3 is not read", async () => {
  const spans = await traceAll("tracecontext,baggage");
  assert.equal(spans.size, cases.length);
  for (const { name } of cases)
    assert.equal(spans.get(name)?.parentSpanId, name === "w3c-first" ? other : "", name);
});
