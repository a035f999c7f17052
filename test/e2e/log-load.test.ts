// Log records of many requests at once: each is an event of its own request, or counted.
import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { most } from "../../src/spans/additions.ts";
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
    const { spans, lost } = await trace(t, { build, path: `levels?logger=${logger}`, requests });
    const events = spans.flatMap((span) => span.events).length;
    t.diagnostic(`${spans.length} spans, ${events} events, ${lost} counted`);
    assert.ok(events + lost >= 3 * spans.length && events + lost <= 3 * requests);
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
  const { spans, lost } = await trace(t, { path: "goroutines?logger=zap", requests: 500 });
  const events = spans.flatMap((span) => span.events).length;
  t.diagnostic(`${events} events, ${lost} counted`);
  assert.ok(events > 0);
  assert.equal(events + lost, 4 * 500);
});

/** What waits for more spans than there is room for would be counted. */
test("nothing is told of spans that are not sampled", async (t) => {
  const env = { OTEL_TRACES_SAMPLER: "always_off" };
  const { spans, lost } = await trace(t, { path: "levels?logger=slog", requests: most.spans + 1000, env });
  assert.deepEqual([spans.length, lost], [0, 0]);
});

interface Traced {
  readonly build?: LogBuild;
  readonly path: string;
  readonly requests: number;
  /** Of the agent. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The spans of so many requests, and how many records the agent counts that have none. */
async function trace(t: TestContext, { build = logBuilds.newest, path, requests: many, env }: Traced) {
  const [collector, server] = await Promise.all([startCollector(), startLogs(build, { GOMAXPROCS: "4" })]);
  t.after(() => Promise.all([collector.stop(), server.stop()]));
  const agent = await startAgent({
    pid: server.running.pid,
    endpoint: collector.httpEndpoint,
    env: { OTEL_GO_AUTO_LOG_EVENTS: "true", ...env },
  });
  t.after(() => agent.running.stop("SIGKILL"));
  const url = `http://127.0.0.1:${server.ports.h1}/${path}`;
  assert.equal((await sendLoad({ url, connections: 32, requests: many })).failed, 0);
  const { code, account } = await agent.stop();
  assert.equal(code, 0, agent.stderr());
  assert.ok(isBalanced(account), account.line);
  const spans = await collector.waitFor((all) => all.length >= account.exported, 60_000);
  const said =
    /([\d,]+) log records?, or attributes? told of the current span, that no span/.exec(
      agent.stderr(),
    )?.[1] ?? "0";
  return { spans, lost: Number(said.replaceAll(",", "")) };
}
