// OTEL_GO_AUTO_TARGET_EXE: which processes are traced, and which are next.
import assert from "node:assert/strict";
import { chmod, copyFile, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { buildGo } from "../fixtures/go-binaries.ts";
import { repository, spawnAgent } from "./support/agent.ts";
import { type Collector, startCollector } from "./support/collector.ts";
import { usual } from "./support/matrix.ts";
import { type Running, start, stopAll } from "./support/process.ts";
import { buildServer, type Server, startExecutable } from "./support/server.ts";

const withoutHttp = join(repository, "test", "e2e", "programs", "without-http");
/** Milliseconds. The machine may be busy. */
const patience = 60_000;

describe("waiting for an executable", () => {
  let collector: Collector;
  let directory: string;
  let executable: string;
  let round = 0;

  before(async () => {
    collector = await startCollector();
    directory = await mkdtemp(join(tmpdir(), "otel-go-auto-waiting-"));
  });
  beforeEach(async () => {
    executable = join(directory, `server-${round++}`);
    await copyFile(await buildServer(usual), executable);
  });
  after(async () => {
    await collector?.stop();
    await stopAll();
    if (directory) await rm(directory, { recursive: true });
  });

  const startAgent = (exe = executable) =>
    spawnAgent(["--endpoint", collector.httpEndpoint], { OTEL_GO_AUTO_TARGET_EXE: exe });
  const attached = (agent: Running, pid: number) =>
    agent.waitFor(new RegExp(`attached to process ${pid} `), patience);

  async function request(server: Server): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${server.ports.h1}/plain`);
    assert.equal(await response.text(), "ok");
  }

  test("all processes of one file, each an instance of its own; of another file none", async () => {
    const agent = startAgent();
    const first = await startExecutable(executable);
    await attached(agent, first.running.pid);
    const second = await startExecutable(executable);
    await attached(agent, second.running.pid);
    const other = await startExecutable(await buildServer(usual));
    const already = (await collector.spans()).length;
    for (const server of [first, second, other]) await request(server);
    const spans = (await collector.waitFor((all) => all.length >= already + 2)).slice(already);
    const { code } = await agent.stop("SIGINT", patience);
    assert.equal(code, 0, agent.stderr());
    assert.equal((await collector.spans()).length, already + 2);
    const instances = spans.map(({ resource }) => resource["service.instance.id"]);
    assert.equal(new Set(instances).size, 2);
    assert.deepEqual(
      spans.map(({ resource }) => resource["process.pid"]).sort(),
      [first.running.pid, second.running.pid].sort(),
    );
    for (const server of [first, second, other]) await server.stop();
  });

  test("several --pid: only those, each an instance of its own", async () => {
    const servers = [];
    for (let i = 0; i < 3; i++) servers.push(await startExecutable(executable));
    const [first, second] = servers.map(({ running }) => running.pid);
    const agent = spawnAgent([
      "--pid",
      `${first}`,
      "--pid",
      `${second}`,
      "--endpoint",
      collector.httpEndpoint,
    ]);
    for (const pid of [first, second]) await attached(agent, pid ?? 0);
    const already = (await collector.spans()).length;
    for (const server of servers) await request(server);
    const spans = (await collector.waitFor((all) => all.length >= already + 2)).slice(already);
    await agent.stop("SIGINT", patience);
    assert.equal((await collector.spans()).length, already + 2);
    assert.equal(new Set(spans.map(({ resource }) => resource["service.instance.id"])).size, 2);
    for (const server of servers) await server.stop();
  });

  test("after its end the next one; also when the file was replaced", async () => {
    const agent = startAgent();
    const first = await startExecutable(executable);
    await attached(agent, first.running.pid);
    await first.stop();
    const second = await startExecutable(executable);
    await attached(agent, second.running.pid);
    // The newer one starts while the older one still serves, as in a restart without a gap.
    await copyFile(await buildServer({ ...usual, stripped: false }), `${executable}.new`);
    await rename(`${executable}.new`, executable);
    const third = await startExecutable(executable);
    await agent.waitFor(new RegExp(`process ${third.running.pid} runs another file`), patience);
    await second.stop();
    await attached(agent, third.running.pid);
    const already = (await collector.spans()).length;
    await request(third);
    assert.equal((await collector.waitFor((all) => all.length > already)).length, already + 1);
    assert.equal((await agent.stop("SIGINT", patience)).code, 0, agent.stderr());
    await third.stop();
  });

  test("a wrapper that executes it later", async () => {
    const script = join(directory, "start.sh");
    await writeFile(script, `#!/bin/sh\nread line\nexec ${executable}\n`);
    await chmod(script, 0o755);
    const agent = startAgent();
    const wrapper = start(script, [], { stdio: ["pipe", "pipe", "pipe"] });
    await agent.waitFor(/waiting for a process/, patience);
    wrapper.child.stdin?.write("go\n");
    await attached(agent, wrapper.pid);
    await agent.stop("SIGINT", patience);
    await wrapper.stop();
  });

  test("one that can't be traced: said once, and its successor is traced", async () => {
    const wanted = `${executable}.wanted`;
    await copyFile(await buildGo({ go: usual.go, source: withoutHttp }), wanted);
    const agent = startAgent(wanted);
    const without = start(wanted, []);
    await agent.waitFor(/Nothing to instrument/, patience);
    const again = start(wanted, []);
    await again.waitFor(/ready/, patience);
    await rename(executable, wanted);
    const server = await startExecutable(wanted);
    await attached(agent, server.running.pid);
    assert.equal(agent.stderr().match(/Nothing to instrument/g)?.length, 1, agent.stderr());
    assert.equal((await agent.stop("SIGINT", patience)).code, 0, agent.stderr());
    for (const running of [without, again, server.running]) await running.stop("SIGKILL");
  });

  test("--pid of a shell that has started it: the message names the program", async () => {
    const shell = start("sh", ["-c", `${executable}; true`]);
    await shell.waitFor(/^ready$/m, patience);
    const agent = spawnAgent(["--pid", String(shell.pid)]);
    assert.equal((await agent.ended(patience)).code, 6, agent.stderr());
    const [, pid = "0"] = agent.stderr().match(/it has started process (\d+) /) ?? [];
    assert.match(
      agent.stderr(),
      new RegExp(`next: otel-go-auto --pid ${pid}, or OTEL_GO_AUTO_TARGET_EXE=${executable}`),
    );
    process.kill(Number(pid), "SIGTERM");
    await shell.ended(patience);
  });
});
