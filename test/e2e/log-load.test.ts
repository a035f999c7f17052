// Log records of many requests at once: each is an event of its own request, or counted.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type LogBuild, logBuilds, startLogs } from "../libraries/log/program.ts";
import { isBalanced, startAgent } from "./support/agent.ts";
import { startCollector } from "./support/collector.ts";
import { sendLoad } from "./support/load.ts";
import { stopAll } from "./support/process.ts";

after(stopAll);

const requests = 10_000;
const messages = ["informed", "warned", "failed"];

for (const [build, logger] of [
  [logBuilds.middle, "slog"],
  [logBuilds.newest, "slog"],
  [logBuilds.old, "zap"],
  [logBuilds.newest, "zerolog"],
] as const satisfies readonly (readonly [LogBuild, string])[])
  test(`${requests} requests with three records of ${logger} each, Go ${build.go}`, async (t) => {
    const [collector, server] = await Promise.all([startCollector(), startLogs(build)]);
    t.after(() => Promise.all([collector.stop(), server.stop()]));
    const agent = await startAgent({
      pid: server.running.pid,
      endpoint: collector.httpEndpoint,
      env: { OTEL_GO_AUTO_LOG_EVENTS: "true" },
    });
    t.after(() => agent.running.stop("SIGKILL"));
    const url = `http://127.0.0.1:${server.ports.h1}/levels?logger=${logger}`;
    const load = await sendLoad({ url, connections: 64, requests });
    assert.equal(load.failed, 0);
    const { code, account } = await agent.stop();
    assert.equal(code, 0, agent.stderr());
    t.diagnostic(`${account.line}; ${Math.round(requests / load.seconds)} requests/s`);
    assert.ok(isBalanced(account), account.line);
    const spans = await collector.waitFor((all) => all.length >= account.exported, 60_000);
    const lost = lostOf(agent.stderr());
    const events = spans.flatMap((span) => span.events);
    const spansLost = requests - spans.length;
    assert.ok(events.length + lost >= 3 * (requests - spansLost) && events.length + lost <= 3 * requests);
    for (const span of spans) {
      const said = span.events.map(({ attributes }) => attributes["log.message"]);
      // In their order, each at most once, where none was lost all of them.
      assert.deepEqual(
        said,
        messages.filter((message) => said.includes(message)),
      );
      if (lost === 0) assert.equal(said.length, 3);
    }
  });

test("records on goroutines without a context: each has its request, or is counted", async (t) => {
  const [collector, server] = await Promise.all([startCollector(), startLogs(logBuilds.newest)]);
  t.after(() => Promise.all([collector.stop(), server.stop()]));
  const agent = await startAgent({
    pid: server.running.pid,
    endpoint: collector.httpEndpoint,
    env: { OTEL_GO_AUTO_LOG_EVENTS: "true" },
  });
  t.after(() => agent.running.stop("SIGKILL"));
  const url = `http://127.0.0.1:${server.ports.h1}/goroutines?logger=zap`;
  assert.equal((await sendLoad({ url, connections: 8, requests: 500 })).failed, 0);
  const { account } = await agent.stop();
  assert.ok(isBalanced(account), account.line);
  const spans = await collector.waitFor((all) => all.length >= account.exported);
  const events = spans.flatMap((span) => span.events).length;
  const lost = lostOf(agent.stderr());
  t.diagnostic(`${events} events, ${lost} counted`);
  assert.ok(events > 0);
  assert.equal(events + lost, 4 * 500, agent.stderr());
});

/** What the agent says of records without a span. */
function lostOf(said: string): number {
  return Number(/([\d,]+) log records? that no span/.exec(said)?.[1]?.replaceAll(",", "") ?? 0);
}
