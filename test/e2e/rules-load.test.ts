// Functions that rules name, under load: two hits a call, none without a rule; and calls that panic, or whose goroutine
// ends, on many goroutines at once.
import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { addon } from "../../src/kernel/index.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { type Agent, isBalanced, startAgent } from "./support/agent.ts";
import { entriesOf } from "./support/bpf-maps.ts";
import { type Collector, startCollector } from "./support/collector.ts";
import { startLoad } from "./support/load.ts";
import { sleep, stopAll } from "./support/process.ts";
import { runsOf } from "./support/program-runs.ts";
import { type Server, startExecutable } from "./support/server.ts";

const source = join(import.meta.dirname, "..", "libraries", "rules", "load");

describe("rules under load", () => {
  const directory = mkdtempSync(join(tmpdir(), "otel-go-auto-rules-load-"));
  const file = join(directory, "rules.yaml");
  let collector: Collector;
  let server: Server;
  let agent: Agent;

  before(async () => {
    collector = await startCollector();
  });
  beforeEach(async () => {
    server = await startExecutable(await buildGo({ go: "1.26.8", source, flags: ["-ldflags=-s -w"] }));
  });
  afterEach(async () => {
    await agent?.running.stop("SIGKILL");
    await server?.stop();
  });
  after(async () => {
    await collector?.stop();
    await stopAll();
    rmSync(directory, { recursive: true });
  });

  function write(text: string): void {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  }

  async function load(path: string, requests: number, connections = 4): Promise<void> {
    const url = `http://127.0.0.1:${server.ports.h1}${path}`;
    const { result } = await startLoad({ url, connections, requests });
    assert.equal((await result).failed, 0);
  }

  /** Waits for the table to have given up almost all: structs of goroutines that nobody uses again count as taken. */
  async function settled(): Promise<void> {
    const deadline = Date.now() + 60_000;
    const left = () => entriesOf(agent.running.pid).rule_operations ?? 0;
    while (left() > 2000 && Date.now() < deadline) await sleep(500);
    assert.ok(left() <= 2000, `${left()} are left`);
  }

  test("two hits a call, none when the rule is gone", async (t) => {
    const statistics = new (addon().RunStats)();
    t.after(() => statistics.close());
    write("rules:\n  - { function: main.step }\n");
    agent = await startAgent({
      pid: server.running.pid,
      env: { OTEL_TRACES_EXPORTER: "none" },
      args: ["--config", file],
    });
    await load("/ten", 300);
    const { rule_entered: entered, rule_returned: returned } = runsOf(agent.running.pid);
    assert.deepEqual([entered, returned], [3000, 3000]);
    write("rules: []\n");
    await agent.running.waitFor(/rules: detached from process/, 30_000);
    await load("/ten", 300);
    const runs = runsOf(agent.running.pid);
    assert.deepEqual([runs.rule_entered ?? 0, runs.rule_returned ?? 0], [0, 0]);
    const { account } = await agent.stop();
    assert.ok(isBalanced(account), account.line);
  });

  test("calls that panic, and calls whose goroutine ends", async () => {
    // More calls are left a round than the three quarters of the table at which they are looked for.
    const fan = 10;
    const requests = 92;
    const rounds = 2;
    write(
      "rules:\n  - { function: main.step }\n  - { function: main.fail }\n  - { function: main.guarded }\n",
    );
    agent = await startAgent({
      pid: server.running.pid,
      endpoint: collector.httpEndpoint,
      args: ["--config", file],
    });
    for (let round = 0; round < rounds; round++) {
      await load(`/chaos?fan=${fan}`, requests, 1);
      await settled();
    }
    const { code, account } = await agent.stop();
    assert.equal(code, 0, agent.stderr());
    assert.ok(isBalanced(account), account.line);
    const all = rounds * requests * fan;
    // Beside the requests: a goroutine that returns makes 6 calls; one that panics and goes on makes 4 and 5 more.
    assert.equal(account.exported, rounds * requests + 15 * all, account.line);
    // One that panics and ends leaves 3, and one that only ends leaves 4.
    const outcome = (text: string) => account.others[text] ?? 0;
    assert.equal(outcome("dropped (end not seen)") + outcome("still running"), 7 * all, account.line);
  });
});
