// What users switch on, for gRPC's server: propagators, rules for paths, older names, metrics.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isBalanced, startAgent } from "./support/agent.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./support/collector.ts";
import { type GrpcProgram, newestGrpc, startGrpc } from "./support/grpc.ts";
import { stopAll } from "./support/process.ts";

const trace = "80f198ee56343ba864fe8b2a57d3eff7";
const parent = "e457b5a2e4d86bd1";
const other = "00f067aa0ba902b7";

/** Metadata, and the parent that the span must have; undefined: none. "dropped": no span. */
const incoming: readonly (readonly [string, readonly string[], string | undefined])[] = [
  ["b3-in-one", [`b3:${trace}-${parent}-1`], parent],
  ["b3-unsampled", [`b3:${trace}-${parent}-0`], "dropped"],
  ["b3-broken", [`b3:${trace}-${parent.slice(1)}`], undefined],
  ["b3-in-several", [`x-b3-traceid:${trace}`, `x-b3-spanid:${parent}`, "x-b3-sampled:1"], parent],
  ["both", [`traceparent:00-${trace}-${other}-01`, `b3:${trace}-${parent}-1`], other],
  ["first-of-two", [`traceparent:00-${trace}-${other}-01`, `traceparent:00-${trace}-${parent}-01`], other],
  ["state", [`traceparent:00-${trace}-${other}-01`, "tracestate:vendor=1"], other],
  ["none", [], undefined],
];

let collector: Collector;
let program: GrpcProgram;
let spans: readonly ReceivedSpan[];
let account: string;
let page: string;

before(async () => {
  [collector, program] = await Promise.all([startCollector(), startGrpc(newestGrpc)]);
  const agent = await startAgent({
    pid: program.back.running.pid,
    endpoint: collector.httpEndpoint,
    args: ["--status-address", "127.0.0.1:0"],
    env: {
      OTEL_PROPAGATORS: "tracecontext,b3,b3multi",
      OTEL_GO_AUTO_EXCLUDE_PATHS: "/grpc.health.v1.Health/Check,/left.v1.*",
      OTEL_SEMCONV_STABILITY_OPT_IN: "rpc/dup",
    },
  });
  for (const [name, metadata] of incoming) {
    const md = metadata.map((text) => `&md=${encodeURIComponent(text)}`).join("");
    await call(`to=any&method=/in.v1.Case/${name}${md}`);
  }
  await call("kind=health");
  await call("to=any&method=/left.v1.Out/Out");
  await call("say=error+13");
  await call("to=plain-ipv6");
  const expected = incoming.filter(([, , result]) => result !== "dropped").length + 2;
  await collector.waitFor((all) => all.length >= expected);
  const [, status = ""] = await agent.running.waitFor(/status at (http:\S+)/);
  page = await (await fetch(`${status}/metrics`)).text();
  const stopped = await agent.stop();
  assert.equal(stopped.code, 0, agent.stderr());
  assert.ok(isBalanced(stopped.account), stopped.account.line);
  account = stopped.account.line;
  spans = await collector.spans();
  assert.equal(spans.length, expected, account);
});
after(async () => {
  await program?.stop();
  await collector?.stop();
  await stopAll();
});

async function call(query: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${program.facts.frontPort}/call?${query}`);
  assert.equal(response.status, 200);
}

const named = (name: string) => spans.filter((span) => span.name === name);

for (const [name, , result] of incoming)
  test(`metadata: ${name}`, () => {
    const found = named(`in.v1.Case/${name}`);
    assert.equal(found.length, result === "dropped" ? 0 : 1);
    for (const span of found) {
      assert.equal(span.parentSpanId, result ?? "");
      assert.equal(span.traceId === trace, result !== undefined);
      assert.equal(span.traceState, name === "state" ? "vendor=1" : "");
    }
  });

test("calls that a rule for their path leaves out are counted as such", () => {
  assert.deepEqual(named("grpc.health.v1.Health/Check"), []);
  assert.match(account, /\b2 left out by a path rule\b/);
  assert.match(account, /\b1 not sampled\b/);
});

test("older names beside today's", () => {
  const { attributes } =
    named("test.v1.Shop/Get").find(({ status }) => status.code === "error") ?? assert.fail();
  const older = ["rpc.system", "rpc.grpc.status_code", "rpc.response.status_code"];
  assert.deepEqual(
    older.map((name) => attributes[name]),
    ["grpc", 13, "INTERNAL"],
  );
});

test("both ends of a connection of IPv6", () => {
  const { plainIpv6Port } = program.facts;
  const found = spans.filter(({ attributes }) => attributes["server.port"] === plainIpv6Port);
  assert.equal(found.length, 1);
  for (const name of ["server.address", "client.address", "network.peer.address"])
    assert.equal(found[0]?.attributes[name], "::1");
});

test("durations as a metric, also of what is not sampled", () => {
  const counts = [...page.matchAll(/^rpc_server_call_duration_seconds_count\{(.*)\} (\d+)$/gm)];
  const total = counts.reduce((sum, [, , count]) => sum + Number(count), 0);
  assert.equal(total, incoming.length + 2, page);
  assert.ok(
    counts.some(([, labels = ""]) => /rpc_method="Get"/.test(labels) && /error_type="INTERNAL"/.test(labels)),
    page,
  );
  assert.doesNotMatch(page, /rpc_server_call_duration_seconds_count\{.*Health/);
});
