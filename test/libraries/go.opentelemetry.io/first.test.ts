// Spans of OpenTelemetry's API before 1.0: all one object, told apart by the function that begins and ends them.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { isBalanced, startAgent } from "../../e2e/support/agent.ts";
import { type Collector, type ReceivedSpan, startCollector } from "../../e2e/support/collector.ts";
import { stopAll } from "../../e2e/support/process.ts";
import { startExecutable } from "../../e2e/support/server.ts";
import { buildGo } from "../../fixtures/go-binaries.ts";

after(stopAll);

const stripped = "-ldflags=-s -w";
const builds = [
  { otel: "0.14.0", go: "1.17.13", flags: ["-modfile=otel014.mod", "-tags=label"] },
  { otel: "0.14.0", go: "1.22.12", flags: ["-modfile=otel014.mod", "-tags=label", stripped] },
  { otel: "0.20.0", go: "1.20.14", flags: [stripped] },
  { otel: "0.20.0", go: "1.22.12", flags: [] },
] as const;
const paths = ["plain", "nested", "detached", "overlap", "foreign", "rarely"];
const rounds = 4;

for (const { otel, go, flags } of builds)
  describe(`spans of OpenTelemetry API ${otel}, Go ${go} ${flags.join(" ")}`, () => {
    let collector: Collector;
    let spans: readonly ReceivedSpan[];

    before(async () => {
      const source = join(import.meta.dirname, "first");
      const executable = await buildGo({ go, source, flags: ["-p=1", ...flags] });
      const [sink, callee] = await Promise.all([startCollector(), startExecutable(executable)]);
      collector = sink;
      const server = await startExecutable(executable, ["-back", `http://127.0.0.1:${callee.ports.h1}`]);
      const agent = await startAgent({ pid: server.running.pid, endpoint: collector.httpEndpoint });
      for (let round = 0; round < rounds; round++)
        for (const path of paths) {
          const response = await fetch(`http://127.0.0.1:${server.ports.h1}/${path}`);
          assert.equal(await response.text(), "ok");
        }
      const { account } = await agent.stop();
      assert.ok(isBalanced(account), account.line);
      assert.ok((account.others["dropped (end not seen)"] ?? 0) > 0, account.line);
      spans = await collector.waitFor((all) => all.length >= account.exported);
      await Promise.all([server.stop(), callee.stop()]);
    });

    after(() => collector?.stop());

    const named = (name: string) => spans.filter((span) => span.name === name);
    const request = (path: string, traceId: string | undefined) =>
      spans.find((span) => span.attributes["url.path"] === `/${path}` && span.traceId === traceId);
    const childrenOf = (parent: ReceivedSpan | undefined) =>
      spans.filter(({ parentSpanId }) => parentSpanId === parent?.spanId).sort(byStart);

    test("name, kind, attributes of the start, scope, times and parent, of all but the first", () => {
      const all = named("plain");
      assert.equal(all.length, rounds - 1);
      const [span] = all;
      const parent = request("plain", span?.traceId);
      assert.ok(span && parent);
      const { traceId, spanId, resource, start, end, ...own } = span;
      assert.ok(parent.start <= start && start < end && end <= parent.end);
      assert.deepEqual(own, {
        parentSpanId: parent.spanId,
        flags: 0x101,
        traceState: "",
        name: "plain",
        kind: "producer",
        attributes: { "at.start": "yes" },
        droppedAttributes: 0,
        events: [],
        droppedEvents: 0,
        links: [],
        droppedLinks: 0,
        status: { code: "unset" },
        scope: { name: "shop", version: "", schemaUrl: span.scope.schemaUrl },
      });
    });

    test("deferred ends, and children by their contexts", () => {
      const all = named("outer");
      assert.equal(all.length, rounds - 1);
      for (const outer of all) {
        assert.equal(outer.parentSpanId, request("nested", outer.traceId)?.spanId);
        const [inner, last, ...others] = childrenOf(outer);
        assert.ok(inner && last);
        assert.deepEqual([inner.name, last.kind, others.length], ["inner", "client", 0]);
        const [within] = childrenOf(inner);
        assert.equal(within?.kind, "client");
        assert.ok(within.end <= inner.end && inner.end <= last.start && last.end <= outer.end);
      }
    });

    test("children on another goroutine", () => {
      const all = named("waited for");
      assert.equal(all.length, rounds - 1);
      for (const parent of all)
        assert.deepEqual(
          childrenOf(parent).map(({ name }) => name),
          ["inner"],
        );
    });

    test("nothing of functions where it is not sure which span ends", () => {
      for (const name of ["first", "second", "own", "begun elsewhere"]) assert.deepEqual(named(name), []);
    });

    test("an end of another span that comes late is not taken for the function's own", () => {
      const all = named("rarely");
      assert.equal(all.length, 1);
      const call = spans.find(({ kind, traceId }) => kind === "client" && traceId === all[0]?.traceId);
      assert.ok(call && all[0] && call.end <= all[0].end);
    });
  });

function byStart(a: ReceivedSpan, b: ReceivedSpan): number {
  return a.start < b.start ? -1 : 1;
}
