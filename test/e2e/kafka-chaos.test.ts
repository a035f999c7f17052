/**
 * Kafka while everything goes wrong: 64 goroutines write and 64 handle what is read, and the broker is killed and
 * started again. Whatever happens, the agent knows what became of each message.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { isBalanced, startAgent } from "./support/agent.ts";
import { entriesOf } from "./support/bpf-maps.ts";
import { type Collector, startCollector } from "./support/collector.ts";
import {
  askKafka,
  consumerScope,
  type JobResult,
  type KafkaServers,
  type LoadResult,
  newestKafka,
  oldestKafka,
  producerScope,
  startKafkaProgram,
  startKafkaServers,
} from "./support/kafka.ts";
import { sleep, stopAll } from "./support/process.ts";

const rounds = 2;
const each = 2;
const writing = `messages=30000&each=${each}&workers=64&attempts=3&batch=20`;
/** Until no message has come for so long: a broker that is killed needs half of it to be back. */
const reading = "messages=0&written=1&how=workers&workers=16&readers=4&idle=20000&attempts=1000";

let servers: KafkaServers;
let collector: Collector;
before(async () => {
  [servers, collector] = await Promise.all([startKafkaServers(), startCollector()]);
});
after(async () => {
  await Promise.all([servers?.stop(), collector?.stop()]);
  await stopAll();
});

let seen = 0;
for (const build of [newestKafka, oldestKafka])
  test(`kafka-go ${build.kafka}: a broker is killed ${rounds} times under load`, async (t) => {
    const { kafka } = servers;
    const program = await startKafkaProgram(build, { broker: kafka.address });
    t.after(program.stop);
    const agent = await startAgent({
      pid: [program.producer.running.pid, program.consumer.running.pid],
      endpoint: collector.httpEndpoint,
    });
    t.after(() => agent.running.stop("SIGKILL"));
    const atFirst = entriesOf(agent.running.pid);
    const topic = `topic=chaos-${build.kafka}&partitions=8`;
    let written = 0;
    let failed = 0;
    const load = async () => {
      const result = await askKafka<LoadResult>(program, `/load?${topic}&${writing}`);
      written += result.calls * each;
      failed += result.failed;
    };
    await load();
    const job = askKafka<JobResult>(program, `/consume?${topic}&${reading}&group=chaos-${build.kafka}`);
    for (let round = 1; round <= rounds; round++) {
      const loading = askLater(`/load?${topic}&unknown=1&${writing}`);
      await sleep(200);
      await kafka.kill();
      await sleep(500);
      await kafka.restart();
      const result = await loading;
      written += result.calls * each;
      failed += result.failed;
    }
    const read = await job;
    await settled(agent.running.pid, atFirst);
    function askLater(path: string) {
      return askKafka<LoadResult>(program, path);
    }

    const { code, account } = await agent.stop();
    assert.equal(code, 0, agent.stderr());
    assert.ok(isBalanced(account), account.line);
    t.diagnostic(`${account.line}; ${failed} calls failed, ${read.count} messages read`);
    assert.ok(failed > 0, "the broker was not missed");
    const all = await collector.waitFor((spans) => spans.length >= seen + account.exported, 60_000);
    const spans = all.slice(seen);
    seen = all.length;
    const sends = spans.filter(({ scope }) => scope.name === producerScope);
    assert.equal(sends.length, written);
    assert.equal(sends.filter(({ status }) => status.code === "error").length > 0, true);
    const processed = spans.filter(({ scope, kind }) => scope.name === consumerScope && kind === "consumer");
    assert.equal(processed.length, read.count);
  });

/** Waits for the entries of the agent's tables to be those that they were before. */
async function settled(pid: number, before: Readonly<Record<string, number>>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isDeepStrictEqual(entriesOf(pid), before) && Date.now() < deadline) await sleep(200);
  assert.deepEqual(entriesOf(pid), before);
}
