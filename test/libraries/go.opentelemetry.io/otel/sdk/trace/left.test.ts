// A program that has OpenTelemetry's SDK: each request gets one server span and one traceparent.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Agent, isBalanced, startAgent } from "../../../../../e2e/support/agent.ts";
import { type Collector, startCollector } from "../../../../../e2e/support/collector.ts";
import type { ReceivedSpan } from "../../../../../e2e/support/otlp-json.ts";
import { stopAll } from "../../../../../e2e/support/process.ts";
import { type Server, startExecutable } from "../../../../../e2e/support/server.ts";
import { buildGo } from "../../../../../fixtures/go-binaries.ts";

const trace = "11111111111111111111111111111111";
const caller = "2222222222222222";

/** What the program answers: the span that it has made itself, and what its own request out carried. */
interface Answer {
  readonly TraceID: string;
  readonly SpanID: string;
  readonly Received: readonly string[] | null;
}

let collector: Collector;
let server: Server;
let agent: Agent;
const answers = new Map<string, Answer>();
let spans: readonly ReceivedSpan[] = [];

before(async () => {
  collector = await startCollector();
  server = await startExecutable(
    await buildGo({ go: "1.26.8", source: join(import.meta.dirname, "app"), flags: ["-p=1"] }),
  );
  agent = await startAgent({
    pid: server.running.pid,
    endpoint: collector.httpEndpoint,
    args: ["--log-level", "debug"],
  });
  // The first request by otelhttp's transport is counted, not traced: where it calls from is learned.
  for (const path of ["both", "plain", "own", "both", "inner", "extracted"]) {
    const response = await fetch(`http://127.0.0.1:${server.ports.h1}/${path}`, {
      headers: { traceparent: `00-${trace}-${caller}-01` },
    });
    answers.set(path, (await response.json()) as Answer);
    await agent.running.waitFor(/calls from \S*otelhttp\S* are traced/, 10_000);
  }
  const { account } = await agent.stop();
  assert.ok(isBalanced(account), account.line);
  assert.equal(account.others["left to the program, which traces them itself"], 4, account.line);
  spans = await collector.waitFor((all) => all.length >= account.exported);
});

after(async () => {
  await collector?.stop();
  await stopAll();
});

function answerOf(path: string): Answer {
  const answer = answers.get(path);
  assert.ok(answer);
  return answer;
}

const serverSpan = (path: string) =>
  spans.find(({ kind, attributes }) => kind === "server" && attributes["url.path"] === `/${path}`);

/** Spans of requests that this process sent with this parent. */
const clientSpans = (parentSpanId: string) =>
  spans.filter((span) => span.kind === "client" && span.parentSpanId === parentSpanId);

test("a request that the program does not trace has our server span", () => {
  assert.equal(serverSpan("plain")?.parentSpanId, caller);
});

test("a request that otelhttp traces has no span of ours, and what it does is the program's span's child", () => {
  const { TraceID, SpanID } = answerOf("own");
  assert.equal(TraceID, trace);
  assert.equal(serverSpan("own"), undefined);
  const clients = clientSpans(SpanID);
  assert.equal(clients.length, 1);
  assert.equal(clients[0]?.traceId, trace);
});

test("a request out that otelhttp traces has no span of ours, and one traceparent", () => {
  const { SpanID, Received } = answerOf("both");
  assert.equal(serverSpan("both"), undefined);
  assert.deepEqual(clientSpans(SpanID), []);
  assert.equal(Received?.length, 1);
  assert.match(Received?.[0] ?? "", new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
});

test("a span of the program within a request is the parent of what it does", () => {
  const { TraceID, SpanID } = answerOf("inner");
  assert.equal(serverSpan("inner")?.traceId, trace);
  assert.equal(clientSpans(SpanID)[0]?.traceId, TraceID);
});

test("a remote parent that the program has read is not the parent of what the request does: our span is", () => {
  const { SpanID } = answerOf("extracted");
  assert.equal(SpanID, caller);
  const ours = serverSpan("extracted");
  assert.equal(ours?.parentSpanId, caller);
  assert.equal(clientSpans(ours?.spanId ?? "").length, 1);
});
