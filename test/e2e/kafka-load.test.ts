/** Kafka with many messages, both ends traced: each message has its span at each end, and the account balances. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isBalanced, startAgent } from "./support/agent.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./support/collector.ts";
import {
  askKafka,
  consumerScope,
  firstOfCallers,
  heavyKafkaBuilds,
  type JobResult,
  type KafkaServers,
  type LoadResult,
  producerScope,
  startKafkaProgram,
  startKafkaServers,
} from "./support/kafka.ts";
import { stopAll } from "./support/process.ts";

const messages = 10_000;
const partitions = 4;

let servers: KafkaServers;
let collector: Collector;
/** Of the spans that tests before have looked at. */
let seen = 0;
before(async () => {
  [servers, collector] = await Promise.all([startKafkaServers(), startCollector()]);
});
after(async () => {
  await Promise.all([servers?.stop(), collector?.stop()]);
  await stopAll();
});

for (const build of heavyKafkaBuilds)
  test(`kafka-go ${build.kafka}, Go ${build.go}: ${messages} messages out and in`, async (t) => {
    const program = await startKafkaProgram(build, { broker: servers.kafka.address });
    t.after(program.stop);
    const agent = await startAgent({
      pid: [program.producer.running.pid, program.consumer.running.pid],
      endpoint: collector.httpEndpoint,
    });
    t.after(() => agent.running.stop("SIGKILL"));
    const topic = `topic=load-${build.kafka}-${build.go}&partitions=${partitions}`;
    const sent = await askKafka<LoadResult>(program, `/load?${topic}&messages=${messages}&each=5&workers=64`);
    assert.deepEqual([sent.messages, sent.failed, sent.error], [messages, 0, ""]);
    const read = await askKafka<JobResult>(
      program,
      `/consume?${topic}&messages=${messages}&written=1&group=${topic}&how=workers&workers=64`,
    );
    assert.deepEqual([read.count, read.error], [messages, ""]);

    const { code, account } = await agent.stop();
    assert.equal(code, 0, agent.stderr());
    assert.ok(isBalanced(account), account.line);
    const learning = firstOfCallers(agent.stderr());
    // Two requests told them to.
    assert.equal(account.exported, 2 * messages + 2 - learning, account.line);
    t.diagnostic(account.line);
    const all = await collector.waitFor((spans) => spans.length >= seen + account.exported, 60_000);
    const spans = all.slice(seen);
    seen = all.length;
    const of = (scope: string) => spans.filter((span) => span.scope.name === scope);
    assert.equal(of(producerScope).length, messages);
    assert.equal(new Set(of(consumerScope).map(placeOf)).size, messages - learning);
    for (const { status } of spans) assert.equal(status.code, "unset");
  });

function placeOf({ attributes }: ReceivedSpan): string {
  return `${attributes["messaging.destination.partition.id"]} ${attributes["messaging.kafka.offset"]}`;
}
