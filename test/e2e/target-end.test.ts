// The target may end, or not be there yet.
import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { readAccount, spawnAgent, startAgent } from "./support/agent.ts";
import { type Collector, startCollector } from "./support/collector.ts";
import { usual } from "./support/matrix.ts";
import { sleep, start, stopAll } from "./support/process.ts";
import { buildServer, type Server, startExecutable, startServer } from "./support/server.ts";

describe("beginning and end of the target", () => {
  let collector: Collector;
  let directory: string;

  before(async () => {
    collector = await startCollector();
    directory = await mkdtemp(join(tmpdir(), "otel-go-auto-target-"));
  });
  after(async () => {
    await collector?.stop();
    await stopAll();
    if (directory) await rm(directory, { recursive: true });
  });

  async function request(server: Server): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${server.ports.h1}/plain`);
    assert.equal(await response.text(), "ok");
  }

  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    test(`the target ends by ${signal}: the agent sends what it has, says it and ends`, async () => {
      const server = await startServer(usual);
      const already = (await collector.spans()).length;
      const agent = await startAgent({ pid: server.running.pid, endpoint: collector.httpEndpoint });
      await request(server);
      await server.running.stop(signal);
      const { code } = await agent.running.ended();
      assert.equal(code, 0, agent.stderr());
      assert.match(agent.stderr(), new RegExp(`${server.running.pid}.*ended|ended.*${server.running.pid}`));
      assert.equal(readAccount(agent.stderr()).exported, 1, agent.stderr());
      assert.equal((await collector.waitFor((spans) => spans.length > already)).length, already + 1);
    });
  }

  test("OTEL_GO_AUTO_TARGET_EXE: waits and says for what, then attaches", async () => {
    const executable = join(directory, "waited-for");
    await copyFile(await buildServer(usual), executable);
    const already = (await collector.spans()).length;
    const agent = spawnAgent(["--endpoint", collector.httpEndpoint], { OTEL_GO_AUTO_TARGET_EXE: executable });
    await agent.waitFor(new RegExp(`waiting.*${executable}`));
    const server = await startExecutable(executable);
    await agent.waitFor(/attached to process/);
    await request(server);
    const spans = await collector.waitFor((all) => all.length > already);
    await agent.stop("SIGINT");
    await server.stop();
    assert.equal(spans.at(-1)?.resource["service.name"], "waited-for");
    assert.equal(spans.at(-1)?.name, "GET /plain");
  });

  test("OTEL_GO_AUTO_TARGET_EXE: a process that ends while it is attached does not end the agent", async () => {
    const executable = join(directory, "short-lived");
    await copyFile(await buildServer(usual), executable);
    const agent = spawnAgent([], { OTEL_GO_AUTO_TARGET_EXE: executable, OTEL_TRACES_EXPORTER: "none" });
    await agent.waitFor(/waiting/);
    // Its looks at /proc and its attaching take some 100 ms each: one of these hits each moment of them.
    for (let milliseconds = 0; milliseconds < 600; milliseconds += 25) {
      const target = start(executable, []);
      await sleep(milliseconds);
      await target.stop("SIGKILL");
      assert.equal(agent.child.exitCode, null, agent.stderr());
    }
    const { code } = await agent.stop("SIGINT");
    assert.equal(code, 0, agent.stderr());
  });

  test("--console draws each trace without any collector", async () => {
    const server = await startServer(usual);
    const agent = await startAgent({ pid: server.running.pid, args: ["--console"] });
    await request(server);
    const failed = await fetch(`http://127.0.0.1:${server.ports.h1}/status/503`);
    assert.equal(failed.status, 503);
    await failed.text();
    await agent.running.waitFor(/GET \/status\/\{code\}/);
    const { code, account } = await agent.stop();
    await server.stop();
    assert.equal(code, 0, agent.stderr());
    assert.match(agent.running.stdout(), /GET \/plain/);
    assert.match(agent.running.stdout(), /GET \/status\/\{code\}.*503|503.*GET \/status\/\{code\}/);
    assert.match(agent.running.stdout(), /\d ?(µs|ms|s)\b/);
    assert.equal(account.requests, 2, account.line);
  });
});
