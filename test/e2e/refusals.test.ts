// Bad input gets a clear error and its exit code, and does no harm to the target.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { buildGo } from "../fixtures/go-binaries.ts";
import { repository, spawnAgent } from "./support/agent.ts";
import { usual } from "./support/matrix.ts";
import { start, stopAll } from "./support/process.ts";
import { buildServer, startExecutable } from "./support/server.ts";

const withoutHttp = join(repository, "test", "e2e", "programs", "without-http");

/** Runs a command as the user nobody, who has no capability. */
const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] as const;

describe("refusals", () => {
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "otel-go-auto-refusals-"));
  });
  after(async () => {
    await stopAll();
    if (directory) await rm(directory, { recursive: true });
  });

  /** Runs the agent to its end: the exit code, and that the message has every pattern and no stack. */
  async function refused(args: string[], code: number, ...patterns: RegExp[]): Promise<void> {
    const agent = spawnAgent(args);
    const exit = await agent.ended();
    assert.equal(exit.code, code, agent.stderr());
    for (const pattern of [...patterns, /next: /]) assert.match(agent.stderr(), pattern);
    assert.doesNotMatch(agent.stderr(), /\n {4}at /, "a stack");
  }

  test("no such process: 3", () => refused(["--pid", "4194300"], 3, /no process 4194300/));

  test("a process that isn't Go: 6", async () => {
    const { pid } = start("sleep", ["600"]);
    await refused(["--pid", String(pid)], 6, /isn't a Go program/);
  });

  test("a Go program without net/http: 6, and it lives on", async () => {
    const program = start(await buildGo({ go: usual.go, source: withoutHttp }), []);
    await program.waitFor(/ready/);
    await refused(["--pid", String(program.pid)], 6, /net\/http/);
    assert.equal(program.child.exitCode, null);
  });

  test("a 32-bit Go program: 6", async () => {
    const executable = await buildServer(usual, { GOARCH: "386" });
    const server = await startExecutable(executable);
    await refused(["--pid", String(server.running.pid)], 6, /32-bit/);
    assert.equal(server.running.child.exitCode, null);
  });

  test("the executable of a process is a script: its interpreter isn't Go", async () => {
    const script = join(directory, "start.sh");
    await writeFile(script, "#!/bin/bash\nread -r line\n");
    await chmod(script, 0o755);
    const { pid } = start(script, [], { stdio: ["pipe", "pipe", "pipe"] });
    await refused(["--pid", String(pid)], 6, /isn't a Go program/);
    const agent = spawnAgent([], { OTEL_GO_AUTO_TARGET_EXE: script });
    assert.equal((await agent.ended()).code, 2, agent.stderr());
    assert.match(agent.stderr(), /script/);
  });

  test("as nobody: 4, naming the capability", { skip: cannotBeNobody() }, async () => {
    const server = await startExecutable(await buildServer(usual));
    const agent = spawnAgent(["--pid", String(server.running.pid)], {}, asNobody);
    assert.equal((await agent.ended()).code, 4, agent.stderr());
    assert.match(agent.stderr(), /CAP_/);
  });

  test("without sight of the kernel's type information: attached where it isn't needed, else 5", async () => {
    const server = await startExecutable(await buildServer(usual));
    const script = 'mount --bind "$0" /sys/kernel/btf && exec "$@"';
    const hidden = ["unshare", "--mount", "sh", "-c", script, directory];
    const agent = spawnAgent(["--pid", String(server.running.pid)], {}, hidden);
    const [words] = await agent.waitFor(/attached to process|\/sys\/kernel\/btf\/vmlinux/, 30_000);
    const { code } = await agent.stop("SIGINT");
    assert.equal(code, words.startsWith("attached") ? 0 : 5, agent.stderr());
  });

  test("a /proc of another PID namespace: 1", async () => {
    const { pid } = start("sleep", ["600"]);
    const agent = spawnAgent(["--pid", String(pid)], {}, ["unshare", "--pid", "--fork"]);
    assert.equal((await agent.ended()).code, 1, agent.stderr());
    assert.match(agent.stderr(), /another PID namespace/);
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
      assert.equal((await agent.ended()).code, 2, agent.stderr());
      assert.match(agent.stderr(), /next: /);
    });
  }
});

/** Why nobody can't be tried here: a checkout in a closed home directory, or a test that isn't root itself. */
function cannotBeNobody(): string | false {
  const [command, ...args] = asNobody;
  const { status } = spawnSync(command, [...args, "test", "-r", join(repository, "package.json")]);
  return status !== 0 && "the user nobody can't read this checkout";
}
