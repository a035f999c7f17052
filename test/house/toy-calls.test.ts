// What a library can ask of the agent, in a live gRPC program: probes that only errors come by, and late ones.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, type TestContext } from "node:test";
import { addon } from "../../src/kernel/index.ts";
import { type Running, sleep, start, stopAll } from "../e2e/support/process.ts";
import { runsOf } from "../e2e/support/program-runs.ts";
import { buildRpc, type rpcBuilds } from "../fixtures/go-binaries.ts";
import { toy, treeWith } from "./toy-tree.ts";

const patient = 30_000;

after(stopAll);

test("only errors cost a hit, and late probes come when the first stream does", async (t) => {
  const statistics = new (addon().RunStats)();
  t.after(() => statistics.close());
  const tree = treeWith(t, "toy/calls", { src: join(toy, "calls/src"), ebpf: join(toy, "calls/ebpf") });
  for (const version of ["newest", "1.60", "1.40", "1.14"] as const)
    await t.test(`grpc ${version}`, (t) => trace(t, tree, version));
});

async function trace(t: TestContext, tree: string, version: keyof typeof rpcBuilds): Promise<void> {
  const program = start(await buildRpc(version, ["-ldflags=-s -w"]), [], { stdio: ["pipe", "pipe", "pipe"] });
  t.after(() => program.stop("SIGKILL"));
  await program.waitFor(/MD/);
  const directory = mkdtempSync(join(tmpdir(), "otel-go-auto-toy-config-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "agent.yaml");
  // The product's own libraries for gRPC would make spans of the calls too.
  writeFileSync(file, "disable: [grpc]\n");
  const agent = start(join(tree, "bin/otel-go-auto"), [
    ...["--pid", String(program.pid), "--config", file, "--console", "--log-level", "debug"],
  ]);
  t.after(() => agent.stop("SIGKILL"));
  await agent.waitFor(/toy calls: attached, 3 probes/, patient);
  const runs = (name: string) => runsOf(agent.pid)[`toy_calls_${name}`];

  const ended = await call(program, "good", 100);
  assert.deepEqual(ended, { OK: 100 });
  assert.equal(runs("failed"), 0, "hits of calls that succeed");
  const failures = { ...(await call(program, "refused", 7)), ...(await call(program, "expired", 5)) };
  assert.deepEqual(failures, { Unavailable: 7, DeadlineExceeded: 5 });
  assert.equal(runs("failed"), 12, "hits of calls that fail");
  await spans(agent, /failed status=1/g, 12);

  // The first stream asks; what it sends until the probes are there is nobody's.
  assert.equal(runs("message_sent"), 0);
  await call(program, "stream", 1);
  await spans(agent, /stream counted=0 sent=\d/g, 1);
  await agent.waitFor(/toy calls: further probes attached/, patient);
  await call(program, "stream", 5);
  await spans(agent, /stream counted=1 sent=3/g, 5);

  // They go with their library, and come with it.
  writeFileSync(file, "disable: [grpc, toy/calls]\n");
  await agent.waitFor(/toy calls: detached from process/, patient);
  await call(program, "stream", 3);
  assert.equal(runs("message_sent"), undefined);
  writeFileSync(file, "disable: [grpc]\n");
  await agent.waitFor(/toy calls: attached to process/, patient);
  await call(program, "stream", 2);
  await spans(agent, /stream counted=1 sent=3/g, 7);
  assert.equal(agent.stderr().match(/further probes attached/g)?.length, 2);
  assert.equal((await agent.stop("SIGINT")).code, 0);
  assert.match(agent.stderr(), /spans 20 = 20 (drawn|exported)/);
}

/** Has the program make so many calls, and says how they ended. */
async function call(program: Running, kind: string, count: number): Promise<Record<string, number>> {
  const said = program.stdout().length;
  program.child.stdin?.write(`${kind} ${count}\n`);
  for (let waited = 0; waited < patient; waited += 10) {
    const answer = program.stdout().slice(said);
    if (answer.endsWith("\n")) return JSON.parse(answer);
    await sleep(10);
  }
  throw new Error(`no answer to ${kind}: ${program.stderr()}`);
}

/** So many spans that look like that have been drawn since the start. */
async function spans(agent: Running, pattern: RegExp, count: number): Promise<void> {
  const found = () => agent.stdout().match(pattern)?.length ?? 0;
  for (let waited = 0; waited < patient && found() < count; waited += 50) await sleep(50);
  assert.equal(found(), count, `${pattern}\n${agent.stdout().slice(-2000)}`);
}
