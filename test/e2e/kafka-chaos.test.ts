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
  firstOfCallers,
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
const writing = `messages=20000&each=${each}&workers=64&attempts=3&batch=20`;
const reading = "written=1&unknown=1&how=workers&workers=16&readers=4&attempts=1000";
/** Milliseconds until the reader's job ends as no message comes: a broker that was killed needs some of them. */
const idle = 30_000;

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
const builds = process.env.OTEL_GO_AUTO_MATRIX === "1" ? [newestKafka, oldestKafka] : [newestKafka];

for (const build of builds)
  test(`kafka-go ${build.kafka}: a broker is killed ${rounds} times under load`, async (t) => {
    const { kafka } = servers;
    const program = await startKafkaProgram(build, { broker: kafka.address });
    t.after(program.stop);
    const agent = await startAgent({
      pid: [program.producer.running.pid, program.consumer.running.pid],
      endpoint: collector.httpEndpoint,
    });
    t.after(() => agent.running.stop("SIGKILL"));
    const atFirst = operationsOf(agent.running.pid);
    const topic = `topic=chaos-${build.kafka}&partitions=8`;
    let written = 0;
    let failed = 0;
    const load = async (query: string) => {
      const result = await askKafka<LoadResult>(program, `/load?${topic}&${writing}${query}`);
      written += result.calls * each;
      failed += result.failed;
    };
    await load("");
    const read = (query: string) =>
      askKafka<JobResult>(program, `/consume?${topic}&${reading}&group=chaos-${build.kafka}${query}`);
    // The broker knows the group.
    const first = await read("&messages=1000");
    const job = read(`&messages=0&idle=${idle}`);
    for (let round = 1; round <= rounds; round++) {
      const loading = load("&unknown=1");
      await sleep(500);
      await kafka.kill();
      await sleep(500);
      await kafka.restart();
      await loading;
    }
    const messages = first.count + (await job).count;
    await settled(agent.running.pid, atFirst);

    const { code, account } = await agent.stop();
    assert.equal(code, 0, agent.stderr());
    assert.ok(isBalanced(account), account.line);
    t.diagnostic(`${account.line}; ${failed} calls failed, ${messages} messages read`);
    assert.ok(failed > 0, "the broker was not missed");
    const all = await collector.waitFor((spans) => spans.length >= seen + account.exported, 60_000);
    const spans = all.slice(seen);
    seen = all.length;
    const sends = spans.filter(({ scope }) => scope.name === producerScope);
    assert.equal(sends.length, written);
    // A call fails when one of its messages does.
    const errors = sends.filter(({ status }) => status.code === "error").length;
    assert.ok(errors >= failed && errors <= failed * each, `${errors} messages of ${failed} calls failed`);
    const processed = spans.filter(({ scope, kind }) => scope.name === consumerScope && kind === "consumer");
    assert.equal(processed.length, messages - firstOfCallers(agent.stderr()));
  });

/** Waits for the entries of the agent's tables to be those that they were before. */
async function settled(pid: number, before: Readonly<Record<string, number>>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isDeepStrictEqual(operationsOf(pid), before) && Date.now() < deadline) await sleep(200);
  assert.deepEqual(operationsOf(pid), before);
}

/** What has been learned of callers stays. */
function operationsOf(pid: number): Readonly<Record<string, number>> {
  const { return_sites: _, ...others } = entriesOf(pid);
  return others;
}
