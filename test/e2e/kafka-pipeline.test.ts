/**
 * A request, the messages that it writes, their handling in another process, and what that keeps in a database. Where
 * nothing may be written into messages each of them begins a trace of its own when it is read; else all is one trace.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isBalanced, startAgent } from "./support/agent.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./support/collector.ts";
import {
  askKafka,
  type JobResult,
  type KafkaServers,
  kafkaBuilds,
  startKafkaProgram,
  startKafkaServers,
} from "./support/kafka.ts";
import { stopAll } from "./support/process.ts";
import { roadsTo } from "./support/roads.ts";
import { isBefore } from "./support/server.ts";

const messages = 5;

let servers: KafkaServers;
before(async () => {
  servers = await startKafkaServers();
});
after(async () => {
  await servers?.stop();
  await stopAll();
});

for (const build of kafkaBuilds)
  test(`kafka-go ${build.kafka}, Go ${build.go}: a request, its messages, their handling elsewhere and its queries`, async (t) => {
    const collector: Collector = await startCollector();
    t.after(collector.stop);
    const program = await startKafkaProgram(build, {
      broker: servers.kafka.address,
      database: servers.postgres.dsn,
      processors: 1,
    });
    t.after(program.stop);
    const { producer, consumer } = program;
    const pids = [producer.running.pid, consumer.running.pid];
    const agent = await startAgent({ pid: pids, endpoint: collector.httpEndpoint });
    t.after(() => agent.running.stop("SIGKILL"));

    const topic = `pipeline-${build.kafka}`;
    const query = `topic=${topic}&messages=${messages}&group=${topic}&sql=1`;
    const { count, error } = await askKafka<JobResult>(program, `/consume?${query}`);
    assert.deepEqual([count, error], [messages, ""]);
    const { code, account } = await agent.stop();
    assert.equal(code, 0, agent.stderr());
    assert.ok(isBalanced(account), account.line);
    const spans = await collector.waitFor((all) => all.length >= account.exported);

    const processOf = ({ resource }: ReceivedSpan) =>
      Number(resource["process.pid"]) === producer.running.pid ? "producer" : "consumer";
    const roads = (isEnd: (span: ReceivedSpan) => boolean) => roadsTo(spans, isEnd, processOf);
    const request = `producer: GET${isBefore(build.go, 22) ? "" : " /consume"}`;
    const sent = `${request} > producer: send ${topic}`;
    const kept = `consumer: process ${topic} > consumer: INSERT messages`;
    assert.deepEqual(
      roads(({ kind }) => kind === "producer"),
      Array(messages).fill(sent),
    );
    const isWritten = /write tier: on[^\n]*messages/.test(agent.stderr());
    assert.deepEqual(
      roads(({ attributes }) => attributes["db.system.name"] !== undefined),
      Array(messages).fill(isWritten ? `${sent} > ${kept}` : kept),
    );
    assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, isWritten ? 1 : 1 + messages);
    if (!isWritten) assert.match(agent.stderr(), /write tier: off|producer's headers: not attached/);
  });
