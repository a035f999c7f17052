/** What a service hands on of the context that it was called with, as the next one receives it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server as HttpServer, type IncomingHttpHeaders } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { isBalanced, startAgent } from "../e2e/support/agent.ts";
import { type Collector, type ReceivedSpan, startCollector } from "../e2e/support/collector.ts";
import { stopAll } from "../e2e/support/process.ts";
import { type Server, startExecutable } from "../e2e/support/server.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { urlOf } from "./service.ts";

const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const caller = "00f067aa0ba902b7";

let collector: Collector;
/** Stands for the services that the gateway asks, and keeps what it is sent. */
let next: HttpServer;
let received: IncomingHttpHeaders[] = [];
let program: string;
let gateway: Server;
before(async () => {
  collector = await startCollector();
  next = createServer(({ headers }, response) => {
    received.push(headers);
    response.end("ok");
  });
  await new Promise<void>((resolve) => next.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(next.address() as AddressInfo).port}`;
  program = await buildGo({
    go: "1.26.8",
    source: join(import.meta.dirname, "app"),
    flags: ["-ldflags=-s -w"],
  });
  gateway = await startExecutable(program, ["-role", "gateway", "-orders", url, "-stock", url]);
});
after(async () => {
  await stopAll();
  next?.close();
  await collector?.stop();
});
beforeEach(() => {
  received = [];
});

/** One request to the gateway, which makes three; gives the spans that came of it. */
async function ask(
  headers: Record<string, string>,
  env: Record<string, string> = {},
): Promise<readonly ReceivedSpan[]> {
  const already = (await collector.spans()).length;
  const agent = await startAgent({ pid: gateway.running.pid, endpoint: collector.httpEndpoint, env });
  const response = await fetch(`${urlOf(gateway)}/orders/1`, { headers });
  assert.equal(response.status, 200);
  const { account } = await agent.stop();
  assert.ok(isBalanced(account), account.line);
  assert.equal(account.requests, 4, account.line);
  const all = await collector.waitFor((spans) => spans.length >= already + account.exported);
  return all.slice(already);
}

const idsSent = () => received.map(({ traceparent }) => String(traceparent).split("-")[2]).sort();

test("baggage, tracestate and traceparent go on with each request, the last with the id of its own span", async () => {
  const state = "vendor=t61rcWkgMzE,other=1";
  const spans = await ask({
    traceparent: `00-${trace}-${caller}-01`,
    tracestate: state,
    baggage: "user=ada,region=north",
  });
  assert.deepEqual(
    received.map(({ tracestate, baggage }) => [tracestate, baggage]),
    Array.from({ length: 3 }, () => [state, "user=ada,region=north"]),
  );
  for (const { traceparent } of received)
    assert.match(String(traceparent), new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
  const clients = spans.filter(({ kind }) => kind === "client");
  assert.deepEqual(idsSent(), clients.map(({ spanId }) => spanId).sort());
});

test("an unsampled request has no spans, and hands on that it is unsampled", async () => {
  const spans = await ask({ traceparent: `00-${trace}-${caller}-00` });
  assert.deepEqual(spans, []);
  for (const { traceparent } of received)
    assert.match(String(traceparent), new RegExp(`^00-${trace}-[0-9a-f]{16}-00$`));
  assert.equal(new Set(idsSent()).size, 3);
  assert.ok(!idsSent().includes(caller));
});

test("what our sampler leaves out is unsampled for the next service too", async () => {
  assert.deepEqual(await ask({}, { OTEL_TRACES_SAMPLER: "always_off" }), []);
  assert.equal(received.length, 3);
  const traces = new Set(received.map(({ traceparent }) => String(traceparent).split("-")[1]));
  assert.equal(traces.size, 1);
  for (const { traceparent } of received)
    assert.match(String(traceparent), /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
});

test("and also when it is measured, which nobody else shall notice", async () => {
  const env = { OTEL_TRACES_SAMPLER: "always_off", OTEL_METRICS_EXPORTER: "otlp" };
  assert.deepEqual(await ask({}, env), []);
  assert.equal(received.length, 3);
  for (const { traceparent } of received)
    assert.match(String(traceparent), /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
});

for (const sampler of ["parentbased_always_on", "always_on", "traceidratio"])
  test(`what a request does that a path rule leaves out is left out too, and handed on as unsampled: ${sampler}`, async () => {
    const env = { OTEL_TRACES_SAMPLER: sampler, OTEL_GO_AUTO_EXCLUDE_PATHS: "/orders/*" };
    assert.deepEqual(await ask({ traceparent: `00-${trace}-${caller}-01` }, env), []);
    assert.equal(received.length, 3);
    for (const { traceparent } of received)
      assert.match(String(traceparent), new RegExp(`^00-${trace}-[0-9a-f]{16}-00$`));
  });

test("what a request does follows the share that a path rule gives it, under any sampler", async () => {
  const env = { OTEL_TRACES_SAMPLER: "always_off", OTEL_GO_AUTO_SAMPLING_RULES: "/orders/*=1" };
  assert.equal((await ask({}, env)).length, 4);
  for (const { traceparent } of received) assert.match(String(traceparent), /-01$/);
  const rarely = { OTEL_TRACES_SAMPLER: "always_on", OTEL_GO_AUTO_SAMPLING_RULES: "/orders/*=0.000001" };
  assert.deepEqual(await ask({}, rarely), []);
});

test("B3 goes on as B3", async () => {
  const spans = await ask({ b3: `${trace}-${caller}-1` }, { OTEL_PROPAGATORS: "b3,b3multi" });
  const clients = spans.filter(({ kind }) => kind === "client").map(({ spanId }) => spanId);
  assert.deepEqual(
    received.map((headers) => headers.b3).sort(),
    clients.map((id) => `${trace}-${id}-1`).sort(),
  );
  assert.deepEqual(received.map((headers) => headers["x-b3-spanid"]).sort(), clients.sort());
  assert.ok(received.every(({ traceparent }) => traceparent === undefined));
});

// Go listens over MPTCP where go.mod says 1.24.
test("connections that the program has accepted are not taken over", async (t) => {
  const stock = await startExecutable(program, ["-role", "stock"]);
  const open = Array.from({ length: 3 }, () => connect(stock.ports.h1 ?? 0, "127.0.0.1"));
  t.after(() => {
    for (const socket of open) socket.destroy();
  });
  for (const socket of open) {
    socket.write("GET /level/1 HTTP/1.1\r\nHost: stock\r\n\r\n");
    await once(socket, "data");
  }
  const agent = await startAgent({ pid: stock.running.pid, endpoint: collector.httpEndpoint });
  await agent.stop();
  assert.match(agent.stderr(), /socket tier: on/);
  assert.doesNotMatch(agent.stderr(), /taken over/);
});

test("with OTEL_PROPAGATORS=none nothing is read and nothing written", async () => {
  const spans = await ask({ traceparent: `00-${trace}-${caller}-01` }, { OTEL_PROPAGATORS: "none" });
  assert.equal(spans.find(({ kind }) => kind === "server")?.parentSpanId, "");
  assert.ok(received.every(({ traceparent, b3 }) => traceparent === undefined && b3 === undefined));
});
