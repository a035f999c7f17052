// Target and agent in namespaces of their own, as in containers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { buildGo } from "../fixtures/go-binaries.ts";
import { repository, spawnAgent } from "./support/agent.ts";
import { type Collector, startCollector } from "./support/collector.ts";
import { usual } from "./support/matrix.ts";
import { type Running, sleep, start, stopAll } from "./support/process.ts";
import { buildServer } from "./support/server.ts";

/** Milliseconds. The machine may be busy. */
const patience = 60_000;
/** A PID namespace of one's own, with a /proc that shows it. */
const ownPids = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"] as const;

describe("namespaces", () => {
  let collector: Collector;
  let root: string;
  let app: string;

  before(async () => {
    collector = await startCollector();
    root = await mkdtemp(join(tmpdir(), "otel-go-auto-root-"));
    for (const name of ["app", "proc"]) await mkdir(join(root, name));
    await copyFile(await buildServer(usual), join(root, "app/server"));
    app = await buildGo({ go: usual.go, source: join(repository, "test/e2e/programs/first-request") });
  });
  after(async () => {
    await collector?.stop();
    await stopAll();
    if (root) await rm(root, { recursive: true });
  });

  /** Runs `/app/server` in namespaces of its own, which the flags of unshare name. */
  async function startContained(flags: readonly string[], prepare = "true"): Promise<Contained> {
    const script = `${prepare} && mount -t proc proc ${root}/proc && exec chroot ${root} /app/server`;
    const running = start("unshare", [
      ...flags,
      "--mount",
      "--pid",
      "--fork",
      "--kill-child",
      "sh",
      "-c",
      script,
    ]);
    await running.waitFor(/^ready$/m, patience);
    const port = Number((await running.waitFor(/^listening 127.0.0.1:(\d+) h1$/m))[1]);
    return { running, pid: await childOf(running.pid), port };
  }

  async function traced(agent: Running, target: Contained, request: () => Promise<unknown>): Promise<void> {
    await agent.waitFor(new RegExp(`attached to process ${target.pid} `), patience);
    const already = (await collector.spans()).length;
    await request();
    const spans = await collector.waitFor((all) => all.length > already);
    assert.equal(spans.at(-1)?.resource["service.name"], "server", agent.stderr());
    assert.equal(spans.at(-1)?.name, "GET /plain");
    assert.equal((await agent.stop("SIGINT", patience)).code, 0, agent.stderr());
  }

  const fetchFrom = (port: number) => async () => (await fetch(`http://127.0.0.1:${port}/plain`)).text();

  test("target with PIDs, mounts and a root of its own, by its path in there and by its number here", async () => {
    const target = await startContained([]);
    const flags = ["--endpoint", collector.httpEndpoint];
    const byPath = spawnAgent(flags, { OTEL_GO_AUTO_TARGET_EXE: "/app/server" });
    await traced(byPath, target, fetchFrom(target.port));
    const byNumber = spawnAgent([...flags, "--pid", String(target.pid)]);
    await traced(byNumber, target, fetchFrom(target.port));
    await target.running.stop("SIGKILL");
  });

  test("target in a user namespace of its own", async () => {
    const target = await startContained(["--user", "--map-root-user"]);
    const agent = spawnAgent(["--endpoint", collector.httpEndpoint], {
      OTEL_GO_AUTO_TARGET_EXE: "/app/server",
    });
    await traced(agent, target, fetchFrom(target.port));
    await target.running.stop("SIGKILL");
  });

  test("target in a network namespace of its own", async () => {
    const target = await startContained(["--net"], "ip link set lo up");
    const agent = spawnAgent(["--endpoint", collector.httpEndpoint], {
      OTEL_GO_AUTO_TARGET_EXE: "/app/server",
    });
    const url = `http://127.0.0.1:${target.port}/plain`;
    await traced(agent, target, async () => {
      const client = start("nsenter", [
        `--net=/proc/${target.pid}/ns/net`,
        process.execPath,
        "-e",
        `fetch("${url}")`,
      ]);
      assert.equal((await client.ended(patience)).code, 0, client.stderr());
    });
    await target.running.stop("SIGKILL");
  });

  test("agent and target in one PID namespace, as a sidecar: trace context goes out too", async () => {
    const already = (await collector.spans()).length;
    const agent = spawnAgent(
      ["run", "--endpoint", collector.httpEndpoint, "--", app, "-once", "-exit", "7"],
      {},
      ownPids,
    );
    assert.equal((await agent.ended(patience)).code, 7, agent.stderr());
    const spans = (await collector.waitFor((all) => all.length >= already + 2)).slice(already);
    const [client, server] = ["client", "server"].map((kind) => spans.find((span) => span.kind === kind));
    assert.equal(server?.parentSpanId, client?.spanId, agent.stderr());
    assert.match(agent.stderr(), /socket tier: 1 request carried trace context/);
  });

  test("agent as PID 1: signals go on, orphans are reaped, it ends with its application", async () => {
    const orphans = "(sleep 2 &) ; (sleep 2 &) ; (sleep 2 &) ;";
    const words = ["sh", "-c", `${orphans} exec ${app} -exit 4`];
    const agent = spawnAgent(["run", "--endpoint", collector.httpEndpoint, "--", ...words], {}, ownPids);
    const pid = await childOf(agent.pid);
    await until(() => childrenOf(pid).length >= 4);
    await agent.waitFor(/attached to process /, patience);
    await until(() => childrenOf(pid).length === 1);
    for (const [name, number] of [
      ["SIGUSR1", 10],
      ["SIGHUP", 1],
    ] as const) {
      process.kill(pid, name);
      await agent.waitFor(new RegExp(`^signal ${number}$`, "m"), patience);
    }
    process.kill(pid, "SIGTERM");
    assert.equal((await agent.ended(patience)).code, 4, agent.stderr());
  });

  test("a target that the agent can't see: 3, and what would show it", async () => {
    const server = start(join(root, "app/server"), []);
    await server.waitFor(/^ready$/m, patience);
    const agent = spawnAgent(["--pid", String(server.pid)], {}, ownPids);
    assert.equal((await agent.ended(patience)).code, 3, agent.stderr());
    assert.match(agent.stderr(), /another PID namespace/);
    assert.match(agent.stderr(), /shareProcessNamespace/);
    await server.stop();
  });
});

interface Contained {
  readonly running: Running;
  /** Its number here. */
  readonly pid: number;
  readonly port: number;
}

const childrenOf = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);

async function childOf(pid: number): Promise<number> {
  await until(() => childrenOf(pid).length > 0);
  return childrenOf(pid)[0] ?? 0;
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + patience; !condition(); await sleep(10))
    if (Date.now() > end) throw new Error(`nothing came of it: ${condition}`);
}
