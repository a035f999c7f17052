/**
 * Metadata that a stranger sends: traceparents that are none, and so many keys that nobody looks at all of them. A call
 * gets the parent that it names, or none.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Agent, isBalanced, startAgent } from "./support/agent.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./support/collector.ts";
import { type GrpcProgram, grpcBuilds, startGrpc } from "./support/grpc.ts";
import { stopAll } from "./support/process.ts";

const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const parent = "00f067aa0ba902b7";
const good = `00-${trace}-${parent}-01`;

const malformed = [
  "",
  "0",
  "00",
  "00-",
  trace,
  `00-${trace}`,
  `00-${trace}-${parent}`,
  `00-${trace}-${parent}-`,
  `00-${trace}-${parent}-1`,
  `00-${trace}-${parent}-zz`,
  `${good}-01`,
  `${good}0`,
  `ff-${trace}-${parent}-01`,
  `0x-${trace}-${parent}-01`,
  `00-${"0".repeat(32)}-${parent}-01`,
  `00-${trace}-${"0".repeat(16)}-01`,
  `00-${trace.toUpperCase()}-${parent}-01`,
  `00_${trace}_${parent}_01`,
  `00-${trace.slice(1)}-${parent}-01`,
  `00-${trace.slice(1)}g-${parent}-01`,
  `00-${trace}-${parent.slice(1)}.-01`,
  good.replaceAll("-", " "),
  "x".repeat(4000),
];

/** How many keys a call has, and at which of them the traceparent is. */
const crowds = [
  [100, 99],
  [1000, 0],
  [5000, 2500],
  [5000, 4999],
] as const;

for (const build of grpcBuilds)
  describe(`metadata of calls, ${build.grpc}, Go ${build.go}`, () => {
    let collector: Collector;
    let program: GrpcProgram;
    let agent: Agent;
    let spans: readonly ReceivedSpan[];

    before(async () => {
      [collector, program] = await Promise.all([startCollector(), startGrpc(build)]);
      agent = await startAgent({ pid: program.back.running.pid, endpoint: collector.httpEndpoint });
      for (const [i, value] of malformed.entries()) await call(`127.2.8.${i + 1}`, [["traceparent", value]]);
      for (const [i, [keys, at]] of crowds.entries()) {
        const others = Array.from({ length: keys }, (_, n): [string, string] => [`k${n}`, `${n}`]);
        await call(`127.2.9.${i + 1}`, others.with(at, ["traceparent", good]));
        await call(`127.2.10.${i + 1}`, others);
      }
      const { account } = await agent.stop();
      assert.ok(isBalanced(account), account.line);
      assert.equal(account.exported, malformed.length + 2 * crowds.length, account.line);
      spans = await collector.waitFor((all) => all.length >= account.exported);
    });
    after(async () => {
      await agent?.running.stop("SIGKILL");
      await program?.stop();
      await collector?.stop();
      await stopAll();
    });

    async function call(from: string, metadata: readonly (readonly [string, string])[]): Promise<void> {
      const pairs = metadata.map(([name, value]) => `&md=${encodeURIComponent(`${name}:${value}`)}`).join("");
      const { status, headers } = await fetch(
        `http://127.0.0.1:${program.front.ports.h1}/call?from=${from}&strict=1${pairs}`,
      );
      assert.equal(status, 200, `${from}: ${headers.get("said")}`);
    }

    function parentOf(from: string) {
      const own = spans.filter(({ attributes }) => attributes["client.address"] === from);
      assert.equal(own.length, 1, from);
      return own.map(({ traceId, parentSpanId }) => ({ isTheTrace: traceId === trace, parentSpanId }))[0];
    }

    for (const [i, value] of malformed.entries())
      test(`traceparent: ${value.slice(0, 60)}`, () =>
        assert.deepEqual(parentOf(`127.2.8.${i + 1}`), { isTheTrace: false, parentSpanId: "" }));

    for (const [i, [keys, at]] of crowds.entries())
      test(`${keys} keys, the traceparent at ${at}`, () => {
        assert.deepEqual(parentOf(`127.2.9.${i + 1}`), { isTheTrace: true, parentSpanId: parent });
        assert.deepEqual(parentOf(`127.2.10.${i + 1}`), { isTheTrace: false, parentSpanId: "" });
      });
  });
