// What a program without an SDK tells of the current span, where that is the agent's: of a request.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isBalanced, startAgent } from "../../e2e/support/agent.ts";
import { type Collector, type ReceivedSpan, startCollector } from "../../e2e/support/collector.ts";
import { stopAll } from "../../e2e/support/process.ts";
import type { TracedProgram } from "../../e2e/support/tree-run.ts";
import { type ApiBuild, apiBuilds, startApi } from "./program.ts";

after(stopAll);

const builds: readonly ApiBuild[] = [
  ...[apiBuilds["1.0"], apiBuilds["1.32"], apiBuilds["1.33"]],
  apiBuilds.newest,
];

for (const build of builds)
  describe(`the current span, OpenTelemetry API ${build.otel}`, () => {
    let collector: Collector;
    let program: TracedProgram;
    let spans: readonly ReceivedSpan[];

    before(async () => {
      [collector, program] = await Promise.all([startCollector(), startApi(build)]);
      const agent = await startAgent({ pid: program.server.running.pid, endpoint: collector.httpEndpoint });
      for (const path of ["current", "nothing", "current"]) await get(program, path);
      const { account } = await agent.stop();
      assert.ok(isBalanced(account), account.line);
      spans = await collector.waitFor((all) => all.length >= account.exported);
    });

    after(async () => {
      await program?.stop();
      await collector?.stop();
    });

    const requestTo = (path: string) => spans.filter(({ attributes }) => attributes["url.path"] === path);

    test("attributes, events, errors, the name and the status are the request's", () => {
      const [span] = requestTo("/current");
      assert.ok(span);
      assert.equal(span.name, "pack order");
      assert.equal(span.kind, "server");
      assert.equal(span.attributes["order.id"], "A-17");
      assert.equal(span.attributes["order.items"], 3);
      assert.equal(span.attributes["http.response.status_code"], 200);
      assert.deepEqual(span.status, { code: "error", message: "too late" });
      const events = span.events.map(({ name, attributes }) => ({ name, attributes }));
      assert.deepEqual(events, [
        { name: "packed", attributes: { whole: true } },
        {
          name: "exception",
          attributes: { "exception.type": "*errors.errorString", "exception.message": "late" },
        },
      ]);
      for (const { time } of span.events) assert.ok(time >= span.start && time <= span.end);
      const [child] = spans.filter(({ name, traceId }) => name === "child" && traceId === span.traceId);
      assert.equal(child?.parentSpanId, span.spanId);
    });

    test("not what is told of spans that do nothing on purpose, nor anything after the first of them", () => {
      const [span] = requestTo("/nothing");
      assert.ok(span);
      assert.equal(span.attributes.discarded, undefined);
      const [, later] = requestTo("/current");
      assert.ok(later);
      assert.equal(later.attributes["order.id"], undefined);
      assert.notEqual(later.name, "pack order");
    });
  });

async function get({ server }: TracedProgram, path: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${server.ports.h1}/${path}`);
  assert.equal(await response.text(), "ok");
}
