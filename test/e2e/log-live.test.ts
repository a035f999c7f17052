// Log records as events, switched on and off by the config file while the program runs.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { logBuilds, startLogs } from "../libraries/log/program.ts";
import { isBalanced, startAgent } from "./support/agent.ts";
import { startCollector } from "./support/collector.ts";
import { stopAll } from "./support/process.ts";

after(stopAll);

const patient = 30_000;

test("the config file's log_events takes effect between two requests", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "otel-go-auto-logs-"));
  t.after(() => rm(directory, { recursive: true }));
  const config = join(directory, "agent.yaml");
  await writeFile(config, "log_events: false\n");
  const [collector, server] = await Promise.all([startCollector(), startLogs(logBuilds.newest)]);
  t.after(() => Promise.all([collector.stop(), server.stop()]));
  const args = ["--config", config];
  const agent = await startAgent({ pid: server.running.pid, endpoint: collector.httpEndpoint, args });
  t.after(() => agent.running.stop("SIGKILL"));
  const get = async (phase: string) => {
    const response = await fetch(`http://127.0.0.1:${server.ports.h1}/levels?logger=slog&phase=${phase}`);
    assert.equal(await response.text(), "ok");
  };

  await get("before");
  await writeFile(config, "log_events: true\n");
  await agent.running.waitFor(/log_events: false → true/, patient);
  await agent.running.waitFor(/slog log records: attached to process/, patient);
  await get("on");
  await writeFile(config, "log_events: false\n");
  await agent.running.waitFor(/slog log records: detached from process/, patient);
  await get("behind");
  await writeFile(config, "log_events: true\ndisable: [log/slog]\n");
  await agent.running.waitFor(
    /zap log records: attached to process.*zap log records: attached to process/s,
    patient,
  );
  await get("disabled");

  const { account } = await agent.stop();
  assert.ok(isBalanced(account), account.line);
  const spans = await collector.waitFor((all) => all.length >= account.exported);
  const events = (phase: string) =>
    spans.filter(({ attributes }) => String(attributes["url.query"]).endsWith(`phase=${phase}`))[0]?.events
      .length;
  assert.deepEqual(["before", "on", "behind", "disabled"].map(events), [0, 3, 0, 0]);
});
