// What a span of OpenTelemetry's API up to 1.32 has, of which the program itself keeps nothing.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Agent, isBalanced, startAgent } from "../../e2e/support/agent.ts";
import { type Collector, type ReceivedSpan, startCollector } from "../../e2e/support/collector.ts";
import { stopAll } from "../../e2e/support/process.ts";
import type { TracedProgram } from "../../e2e/support/tree-run.ts";
import { type ApiBuild, apiBuilds, startApi } from "./program.ts";

after(stopAll);

const builds: readonly ApiBuild[] = [apiBuilds["1.0"], apiBuilds["1.21"], apiBuilds["1.32"]];
const calls = ["everything", "late", "large?size=40000", "unencoded", "told"];

for (const build of builds)
  describe(`spans of OpenTelemetry API ${build.otel}, Go ${build.go}`, () => {
    let collector: Collector;
    let program: TracedProgram;
    let agent: Agent;
    let spans: readonly ReceivedSpan[];

    before(async () => {
      [collector, program] = await Promise.all([startCollector(), startApi(build)]);
      agent = await startAgent({ pid: program.server.running.pid, endpoint: collector.httpEndpoint });
      for (const path of calls) await get(program, path);
      const { account } = await agent.stop();
      assert.ok(isBalanced(account), account.line);
      spans = await collector.waitFor((all) => all.length >= account.exported);
    });

    after(async () => {
      await program?.stop();
      await collector?.stop();
    });

    const named = (name: string) => spans.filter((span) => span.name === name);

    test("kind, attributes of all kinds, events, errors, status, times and scope", () => {
      const [span] = named("everything");
      assert.ok(span);
      const { traceId, spanId, parentSpanId, resource, ...own } = span;
      const request = spans.find(({ attributes }) => attributes["url.path"] === "/everything");
      assert.equal(parentSpanId, request?.spanId);
      assert.equal(traceId, request?.traceId);
      assert.deepEqual(resource, request?.resource);
      const begun = 1_700_000_000_123_456_789n;
      assert.deepEqual(own, {
        flags: 0x101,
        traceState: "",
        name: "everything",
        kind: "consumer",
        start: begun,
        end: begun + 3_000_000_000n,
        attributes: {
          "at.start": "<changed>",
          large: 2 ** 62,
          bool: true,
          int: -7,
          float: 2.5,
          "whole float": 3,
          texts: ["a", ""],
          ints: [1, 2],
          bools: [true, false],
          floats: [0.5, 1],
        },
        droppedAttributes: 0,
        events: [
          { name: "event", time: begun + 1_000_000_000n, attributes: { n: 1 }, droppedAttributes: 0 },
          {
            name: "exception",
            time: begun + 2_000_000_000n,
            attributes: { "exception.type": "*main.problem" },
            droppedAttributes: 0,
          },
        ],
        droppedEvents: 0,
        links: [],
        droppedLinks: 0,
        status: { code: "error", message: "failed" },
        scope: { name: "stock", version: "", schemaUrl: span.scope.schemaUrl },
      });
    });

    test("what is told of the span that a context holds, with the times at which it was", () => {
      const [span] = named("told by context");
      assert.ok(span);
      assert.deepEqual(span.attributes, { by: "context" });
      assert.deepEqual(span.status, { code: "ok" });
      const [event, plain, wrapped] = span.events;
      assert.equal(event?.name, "now");
      assert.ok(event.time >= span.start && event.time <= span.end);
      const messages = [plain, wrapped].map((each) => each?.attributes["exception.message"]);
      assert.deepEqual(messages, ["sold out", "pack: sold out"]);
    });

    test("a span that begins with the context of an ended one is its child", () => {
      const [parent, child] = [...named("ended"), ...named("after its parent")];
      assert.ok(parent && child);
      assert.equal(child.parentSpanId, parent.spanId);
      assert.equal(child.traceId, parent.traceId);
    });

    test("a number that is none is no obstacle", () => {
      // OTLP's JSON has no number for it.
      assert.equal(named("ratio")[0]?.attributes.ratio, "NaN");
      assert.equal(named("within")[0]?.parentSpanId, named("ratio")[0]?.spanId);
    });

    test("of a large span what there is room for; the rest is counted", () => {
      const [large] = named("large");
      assert.ok(large);
      assert.equal(large.attributes.first, "1");
      const kept = Object.keys(large.attributes).length;
      assert.equal(kept + large.droppedAttributes, 41);
      assert.ok(kept >= 4, `${kept} attributes`);
      assert.match(agent.stderr(), /besides: .*texts? cut/);
    });
  });

test("nothing is traced of the API with OTEL_GO_AUTO_GLOBAL=false", async () => {
  const program = await startApi(apiBuilds["1.32"]);
  const { pid } = program.server.running;
  const agent = await startAgent({ pid, args: ["--console"], env: { OTEL_GO_AUTO_GLOBAL: "false" } });
  await get(program, "plain");
  const { account } = await agent.stop();
  assert.equal(account.exported, 1, account.line);
  await program.stop();
});

async function get({ server }: TracedProgram, path: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${server.ports.h1}/${path}`);
  assert.equal(await response.text(), "ok");
}
