// Bad input gets a clear error and its exit code, and does no harm to the target.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { buildGo } from "../fixtures/go-binaries.ts";
import { repository, spawnAgent, startAgent } from "./support/agent.ts";
import { type Collector, startCollector } from "./support/collector.ts";
import { usual } from "./support/matrix.ts";
import { type Running, start } from "./support/process.ts";
import { buildServer, serverSource, startExecutable } from "./support/server.ts";

const withoutHttp = join(repository, "test", "e2e", "programs", "without-http");

describe("refusals", () => {
  let directory: string;
  const started: Running[] = [];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "otel-go-auto-refusals-"));
  });
  after(async () => {
    await Promise.all(started.map((running) => running.stop("SIGKILL")));
    if (directory) await rm(directory, { recursive: true });
  });

  function target(command: string, ...args: string[]): Running {
    const running = start(command, args);
    started.push(running);
    return running;
  }

  /** Runs the agent to its end: the exit code, and that the message has every pattern and no stack. */
  async function refused(args: string[], code: number, ...patterns: RegExp[]): Promise<void> {
    const agent = spawnAgent(args);
    const exit = await agent.exited;
    assert.equal(exit.code, code, agent.stderr());
    for (const pattern of [...patterns, /next: /]) assert.match(agent.stderr(), pattern);
    assert.doesNotMatch(agent.stderr(), /\n {4}at /, "a stack");
  }

  test("no such process: 3", () => refused(["--pid", "4194300"], 3, /no process 4194300/));

  test("a process that isn't Go: 6", async () => {
    const { pid } = target("sleep", "600");
    await refused(["--pid", String(pid)], 6, /isn't a Go program/);
  });

  test("a Go program without net/http: 6, and it lives on", async () => {
    const program = target(await buildGo({ go: usual.go, source: withoutHttp }));
    await program.waitFor(/ready/);
    await refused(["--pid", String(program.pid)], 6, /net\/http/);
    assert.equal(program.child.exitCode, null);
  });

  test("a 32-bit Go program: 6", async () => {
    const executable = await buildServer(usual, { GOARCH: "386" });
    const server = await startExecutable(executable);
    started.push(server.running);
    await refused(["--pid", String(server.running.pid)], 6, /32-bit/);
    assert.equal(server.running.child.exitCode, null);
  });

  test("a file that is cut off behind what the kernel loads: 6, and the program lives on", async () => {
    const whole = await readFile(await buildServer({ ...usual, stripped: false }));
    const executable = join(directory, "cut");
    await writeFile(executable, whole.subarray(0, endOfLoaded(whole)), { mode: 0o755 });
    const server = await startExecutable(executable);
    started.push(server.running);
    await refused(["--pid", String(server.running.pid)], 6, /cut off/);
    assert.equal(server.running.child.exitCode, null);
  });

  test("the executable of a process is a script: its interpreter isn't Go", async () => {
    const script = join(directory, "start.sh");
    await writeFile(script, "#!/bin/bash\nsleep 600\nexit 1\n");
    await chmod(script, 0o755);
    const { pid } = target(script);
    await refused(["--pid", String(pid)], 6, /isn't a Go program/);
    const agent = spawnAgent([], { OTEL_GO_AUTO_TARGET_EXE: script });
    assert.equal((await agent.exited).code, 2, agent.stderr());
    assert.match(agent.stderr(), /script/);
  });

  test("as nobody: 4, naming the capability", { skip: cannotBeNobody() }, async () => {
    const server = await startExecutable(await buildServer(usual));
    started.push(server.running);
    const agent = spawnAgent(["--pid", String(server.running.pid)], {}, asNobody);
    assert.equal((await agent.exited).code, 4, agent.stderr());
    assert.match(agent.stderr(), /CAP_/);
  });

  for (const [name, args, env] of [
    ["an unknown flag", ["--pid", "1", "--nonsense"], {}],
    ["an unknown protocol", ["--pid", "1", "--protocol", "carrier-pigeon"], {}],
    ["an endpoint that is no URL", ["--pid", "1", "--endpoint", "::nonsense::"], {}],
    ["an unknown sampler", ["--pid", "1"], { OTEL_TRACES_SAMPLER: "sometimes" }],
    ["a pid that is no number", ["--pid", "twelve"], {}],
    ["no target", [], {}],
  ] as const) {
    test(`${name}: 2`, async () => {
      const agent = spawnAgent(args, env);
      assert.equal((await agent.exited).code, 2, agent.stderr());
      assert.match(agent.stderr(), /next: /);
    });
  }
});

describe("a binary that is replaced on disk while it runs", () => {
  let collector: Collector;
  let directory: string;

  before(async () => {
    collector = await startCollector();
    directory = await mkdtemp(join(tmpdir(), "otel-go-auto-replaced-"));
  });
  after(async () => {
    await collector?.stop();
    if (directory) await rm(directory, { recursive: true });
  });

  test("the running one is traced, not its successor", async () => {
    const executable = join(directory, "server");
    await copyFile(await buildServer(usual), executable);
    const server = await startExecutable(executable);
    await rm(executable);
    await copyFile(await buildGo({ go: "1.22.12", source: serverSource }), executable);
    const agent = await startAgent({ pid: server.running.pid, endpoint: collector.httpEndpoint });
    const response = await fetch(`http://127.0.0.1:${server.ports.h1}/items/7`);
    assert.equal(response.status, 200);
    await response.text();
    await agent.stop();
    const [span] = await collector.waitFor((spans) => spans.length > 0);
    await server.stop();
    assert.equal(span?.name, "GET /items/{id}");
    assert.equal(span?.attributes["http.response.status_code"], 200);
  });
});

/** Runs a command as the user nobody, who has no capability. */
const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] as const;

/** Why nobody can't be tried here: a checkout in a closed home directory, or a test that isn't root itself. */
function cannotBeNobody(): string | false {
  const [command, ...args] = asNobody;
  const { status } = spawnSync(command, [...args, "test", "-r", join(repository, "package.json")]);
  return status !== 0 && "the user nobody can't read this checkout";
}

/** Where the last segment that the kernel maps ends in the file: ELF-64 program headers, PT_LOAD. */
function endOfLoaded(elf: Buffer): number {
  const [table, size, count] = [Number(elf.readBigUInt64LE(32)), elf.readUInt16LE(54), elf.readUInt16LE(56)];
  const ends = Array.from({ length: count }, (_, i) => table + i * size)
    .filter((header) => elf.readUInt32LE(header) === 1)
    .map((header) => Number(elf.readBigUInt64LE(header + 8) + elf.readBigUInt64LE(header + 32)));
  return Math.max(...ends);
}
