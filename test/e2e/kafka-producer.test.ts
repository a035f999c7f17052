/** What kafka-go's producers cost, and calls that few programs make: their spans, and how they are counted. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addon } from "../../src/kernel/index.ts";
import { type Kafka, startKafka } from "../fixtures/brokers/kafka.ts";
import { isBalanced, startAgent } from "./support/agent.ts";
import { entriesOf } from "./support/bpf-maps.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./support/collector.ts";
import { buildKafka, newestKafka } from "./support/kafka.ts";
import { sleep, stopAll } from "./support/process.ts";
import { runsOf } from "./support/program-runs.ts";
import { startExecutable } from "./support/server.ts";

let kafka: Kafka;
let collector: Collector;
before(async () => {
  [kafka, collector] = await Promise.all([startKafka(), startCollector()]);
});
after(async () => {
  await collector?.stop();
  await kafka?.stop();
  await stopAll();
});

const noHits = {
  kafka_write_started: 0,
  kafka_write_returned: 0,
  kafka_produce_started: 0,
  kafka_connection_write_started: 0,
  kafka_connection_write_returned: 0,
};

async function traced() {
  const program = await startExecutable(await buildKafka(newestKafka), ["-broker", kafka.address]);
  const agent = await startAgent({ pid: program.running.pid, endpoint: collector.httpEndpoint });
  return {
    agent,
    async ask(path: string) {
      const response = await fetch(`http://127.0.0.1:${program.ports.h1}${path}`);
      assert.equal(await response.text(), "ok");
      assert.equal(response.headers.get("said"), null, path);
    },
    /** By program. */
    hits: () =>
      Object.fromEntries(Object.entries(runsOf(agent.running.pid)).filter(([name]) => name in noHits)),
  };
}

/** The request that asked for a topic, and what was sent to it. */
async function traceOf(topic: string) {
  const isRequest = ({ attributes }: ReceivedSpan) =>
    String(attributes["url.query"]).includes(`topic=${topic}&`);
  const all = await collector.waitFor((spans) => spans.some(isRequest));
  return {
    request: all.find(isRequest),
    sent: all.filter(({ name }) => name === `send ${topic}`),
  };
}

test("a call of a Writer costs two hits, with however many messages", async () => {
  const statistics = new (addon().RunStats)();
  const { agent, ask, hits } = await traced();
  for (const [index, messages] of [1, 10, 1000].entries()) {
    await ask(`/writer?topic=many&keep=1&times=20&messages=${messages}`);
    const calls = 20 * (index + 1);
    assert.deepEqual(hits(), { ...noHits, kafka_write_started: calls, kafka_write_returned: calls });
  }
  await ask("/conn?topic=many&messages=10");
  await ask("/client?topic=many");
  assert.deepEqual(hits(), {
    kafka_write_started: 60,
    kafka_write_returned: 61,
    kafka_produce_started: 1,
    kafka_connection_write_started: 1,
    kafka_connection_write_returned: 1,
  });
  const { account } = await agent.stop();
  statistics.close();
  // A span for each message of a call with up to ten, and one for a thousand; the requests that asked for them.
  assert.equal(account.exported, 20 * (1 + 10 + 1) + 10 + 1 + 5, account.line);
  assert.ok(isBalanced(account), account.line);
});

test("through an interface: the first call shows where it returns to", async () => {
  const { agent, ask } = await traced();
  let calls = 0;
  let spans = 0;
  while (spans === 0) {
    const topic = `interface-${calls++}`;
    await ask(`/unusual?topic=${topic}&how=interface`);
    const { request, sent } = await traceOf(topic);
    spans = sent.length;
    for (const { traceId, parentSpanId } of sent)
      assert.deepEqual(
        { traceId, parentSpanId },
        { traceId: request?.traceId, parentSpanId: request?.spanId },
      );
    assert.ok(calls < 50, "no call is traced");
  }
  assert.ok(calls > 1, "the first one was not known");
  const { account } = await agent.stop();
  assert.ok(isBalanced(account), account.line);
  assert.equal(account.exported, calls + 1, account.line);
});

test("a call that panics is counted, and nobody's parent; so is one that another one is made within", async () => {
  const { agent, ask } = await traced();
  for (const [topic, how, count] of [
    ["panics", "panic", 2],
    // The balancer of each of two messages sends both.
    ["nested", "nested", 4],
    ["nothing", "nothing", 0],
  ] as const) {
    await ask(`/unusual?topic=${topic}&how=${how}&messages=2`);
    const { request, sent } = await traceOf(topic);
    assert.equal(sent.length, count, topic);
    for (const { parentSpanId, status } of sent) {
      assert.equal(parentSpanId, request?.spanId, topic);
      assert.equal(status.code, "unset");
    }
  }
  await ask("/writer?topic=after&x=1");
  const { request, sent } = await traceOf("after");
  assert.deepEqual(
    sent.map(({ parentSpanId }) => parentSpanId),
    [request?.spanId],
  );
  const { account } = await agent.stop();
  assert.ok(isBalanced(account), account.line);
  assert.match(account.line, /\b6 dropped \(end not seen\)/);
});

test("calls that panic on goroutines which end give their places back, and those of their messages", async () => {
  const { agent, ask } = await traced();
  const [fan, times, messages] = [100, 10, 10];
  // In the table of messages there is room for 1,638 such calls.
  const rounds = 2;
  for (let round = 0; round < rounds; round++) {
    await ask(`/unusual?topic=lost&how=lost&fan=${fan}&times=${times}&messages=${messages}`);
    await settled(agent.running.pid, 2 * fan);
  }
  await ask("/writer?topic=behind&messages=10");
  assert.equal((await traceOf("behind")).sent.length, 10);
  const { account } = await agent.stop();
  assert.ok(isBalanced(account), account.line);
  assert.equal(account.exported, rounds + 1 + 10, account.line);
  const numberOf = (words: RegExp) => Number((words.exec(account.line)?.[1] ?? "0").replaceAll(",", ""));
  const lost = numberOf(/([\d,]+) dropped \(end not seen\)/) + numberOf(/([\d,]+) still running/);
  assert.equal(lost, rounds * fan * times * messages, account.line);
});

/** Waits until hardly any call of goroutines that have ended is left; some are not known to have. */
async function settled(pid: number, most: number): Promise<void> {
  const left = () => {
    const { kafka_sends: calls = 0, kafka_messages: kept = 0 } = entriesOf(pid);
    return Math.max(calls, kept / 10);
  };
  const deadline = Date.now() + 60_000;
  while (left() > most && Date.now() < deadline) await sleep(500);
  assert.ok(left() <= most, `${left()} are left`);
}
