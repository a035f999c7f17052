/** Messages that nothing in the program tells the end of: what they leave behind, and when that goes. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Kafka, startKafka } from "../fixtures/brokers/kafka.ts";
import { isBalanced, startAgent } from "./support/agent.ts";
import { entriesOf } from "./support/bpf-maps.ts";
import { type Collector, startCollector } from "./support/collector.ts";
import { buildKafka, newestKafka } from "./support/kafka.ts";
import { sleep, stopAll } from "./support/process.ts";
import { type Server, startExecutable } from "./support/server.ts";

const directory = mkdtempSync(join(tmpdir(), "otel-go-auto-left-"));
const file = join(directory, "agent.yaml");
const consumer = "github.com/segmentio/kafka-go/consumer";

let kafka: Kafka;
let collector: Collector;
let program: Server;
before(async () => {
  [kafka, collector] = await Promise.all([startKafka(), startCollector()]);
  program = await startExecutable(await buildKafka(newestKafka), ["-broker", kafka.address]);
});
after(async () => {
  await program?.stop();
  await collector?.stop();
  await kafka?.stop();
  await stopAll();
  rmSync(directory, { recursive: true });
});

/** Readers of so many messages each, which end without asking for one more. */
async function read(topic: string, messages: number, readers: number): Promise<void> {
  for (let i = 0; i < readers; i++) {
    const job = `topic=${topic}&messages=${messages}&leave=1${i === 0 ? "" : "&written=1"}`;
    const response = await fetch(`http://127.0.0.1:${program.ports.h1}/consume?${job}`);
    const { count } = (await response.json()) as { readonly count: number };
    assert.equal(count, messages);
  }
}

/** How many goroutines have a message, or a request. */
const left = (pid: number) => entriesOf(pid).open_requests ?? 0;

test("a library that is disabled leaves no message behind: what is done later is none's child", async () => {
  writeFileSync(file, "log_level: info\n");
  const agent = await startAgent({
    pid: program.running.pid,
    endpoint: collector.httpEndpoint,
    args: ["--config", file],
  });
  await read("disabled", 2, 1);
  assert.equal(left(agent.running.pid), 1);
  writeFileSync(file, `log_level: info\ndisable: [${consumer}]\n`);
  agent.running.child.kill("SIGHUP");
  await agent.running.waitFor(/kafka-go consumer: detached from process/);
  assert.equal(left(agent.running.pid), 0);
  const name = "process disabled";
  const isThere = (spans: readonly { readonly name: string }[]) =>
    spans.filter((span) => span.name === name).length === 2;
  assert.ok(isThere(await collector.waitFor(isThere)), "both have ended");
  const { account } = await agent.stop();
  assert.ok(isBalanced(account), account.line);
});

test("messages that are not sampled leave nothing behind with goroutines that have ended", async () => {
  const agent = await startAgent({
    pid: program.running.pid,
    endpoint: collector.httpEndpoint,
    env: { OTEL_TRACES_SAMPLER: "always_off" },
  });
  const readers = 40;
  await read("unsampled", 3, readers);
  // Of some it shows only when their memory is used again that they have ended.
  const deadline = Date.now() + 90_000;
  while (left(agent.running.pid) > readers / 2 && Date.now() < deadline) await sleep(500);
  assert.ok(left(agent.running.pid) <= readers / 2, `${left(agent.running.pid)} are left`);
  const { account } = await agent.stop();
  assert.ok(isBalanced(account), account.line);
  assert.equal(account.exported, 0);
});
