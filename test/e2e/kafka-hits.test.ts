import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { addon } from "../../src/kernel/index.ts";
import { startAgent } from "./support/agent.ts";
import type { KafkaBuild, KafkaProgram } from "./support/kafka.ts";
import {
  heavyKafkaBuilds,
  type KafkaServers,
  startKafkaProgram,
  startKafkaServers,
} from "./support/kafka.ts";
import { stopAll } from "./support/process.ts";
import { runsOf } from "./support/program-runs.ts";

const calls = 2000;

let servers: KafkaServers;
before(async () => {
  servers = await startKafkaServers();
});
after(async () => {
  await servers?.stop();
  await stopAll();
});

for (const build of heavyKafkaBuilds) {
  const title = `kafka-go ${build.kafka}, Go ${build.go}`;

  test(`${title}: a call that writes costs two hits, with one message or ten`, async (t) => {
    const producer = await traced(t, build, "producer");
    for (const messages of [1, 10])
      assert.equal(
        await producer.ask(`/writer?topic=written&keep=1&messages=${messages}&times=${calls / 2}`),
        "ok",
      );
    assert.deepEqual(producer.hits(), {
      kafka_write_started: calls,
      kafka_write_returned: calls,
    });
  });

  test(`${title}: a message that is read costs two`, async (t) => {
    const consumer = await traced(t, build, "consumer");
    const { count, error } = JSON.parse(
      await consumer.ask(`/consume?topic=read&messages=${calls}&group=readers`),
    ) as {
      count: number;
      error: string;
    };
    assert.deepEqual([count, error], [calls, ""]);
    // One more is asked for, in vain.
    assert.deepEqual(consumer.hits(), {
      kafka_message_asked: calls + 1,
      kafka_message_fetched: calls + 1,
    });
  });

  test(`${title}: a commit by the program costs one`, async (t) => {
    const consumer = await traced(t, build, "consumer");
    const read = async (messages: number) => {
      const answer = await consumer.ask(
        `/consume?messages=${messages}&group=committers&how=fetch&topic=committed`,
      );
      assert.equal((JSON.parse(answer) as { count: number }).count, messages);
    };
    await read(1);
    await consumer.agent.running.waitFor(/consumer: further probes attached/);
    const { kafka_messages_committed: first = 0 } = consumer.hits();
    await read(calls);
    assert.deepEqual(consumer.hits(), {
      kafka_message_asked: 1 + 1 + calls + 1,
      kafka_message_fetched: 1 + 1 + calls + 1,
      kafka_messages_committed: first + calls,
    });
  });
}

async function traced(t: TestContext, build: KafkaBuild, end: "producer" | "consumer") {
  const statistics = new (addon().RunStats)();
  t.after(() => statistics.close());
  const program: KafkaProgram = await startKafkaProgram(build, { broker: servers.kafka.address });
  t.after(program.stop);
  const agent = await startAgent({
    pid: program[end].running.pid,
    args: ["--log-level", "debug"],
    env: { OTEL_TRACES_EXPORTER: "none" },
  });
  t.after(() => agent.running.stop("SIGKILL"));
  return {
    agent,
    async ask(path: string): Promise<string> {
      const run = `${build.kafka}-${build.go}-`;
      const response = await fetch(`http://127.0.0.1:${program.producer.ports.h1}${path}&run=${run}`);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("said"), null);
      return await response.text();
    },
    /** Of programs that ran. */
    hits: () =>
      Object.fromEntries(
        Object.entries(runsOf(agent.running.pid)).filter(([name, runs]) => /^kafka_/.test(name) && runs > 0),
      ),
  };
}
