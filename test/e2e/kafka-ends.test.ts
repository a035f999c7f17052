/** When the span of a message that is read begins and ends, against what the program itself knows of it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Agent, isBalanced, startAgent } from "./support/agent.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./support/collector.ts";
import {
  askKafka,
  type Handled,
  type JobResult,
  type KafkaProgram,
  type KafkaServers,
  newestKafka,
  startKafkaProgram,
  startKafkaServers,
} from "./support/kafka.ts";
import { stopAll } from "./support/process.ts";

const messages = 12;
/** Milliseconds that each is worked on, so that who goes on at once is seen. */
const work = 20;
/** Nanoseconds: the agent corrects the offset between the kernel's clock and the program's meanwhile. */
const tolerance = 1e6;

/** Whether a message's span ends before the reader has the next one. */
const ways: readonly (readonly [string, string, boolean])[] = [
  ["ReadMessage without a group", "how=read", true],
  ["ReadMessage in a group", "how=read&group=a", true],
  ["FetchMessage, each committed", "how=fetch&group=b", true],
  ["FetchMessage, all committed in the end", "how=batch&group=c", true],
  ["a goroutine for each message, which is waited for", "how=waited&group=d", true],
  ["a goroutine for each message", "how=go&group=e", false],
  ["workers", "how=workers&workers=4&group=f", false],
];

let servers: KafkaServers;
let collector: Collector;
let program: KafkaProgram;
let agent: Agent;
let spans: readonly ReceivedSpan[];
const told = new Map<string, readonly Handled[]>();

before(async () => {
  [servers, collector] = await Promise.all([startKafkaServers(), startCollector()]);
  program = await startKafkaProgram(newestKafka, { broker: servers.kafka.address });
  agent = await startAgent({ pid: program.consumer.running.pid, endpoint: collector.httpEndpoint });
  // The callers, and the probe for commits, have to be learned.
  for (const [, query] of ways) await ask(query, "learned");
  for (const [name, query] of ways) told.set(name, (await ask(query, "ends")).messages ?? []);
  await ask("how=never&group=g&leave=1", "ends");
  const { code, account } = await agent.stop();
  assert.equal(code, 0, agent.stderr());
  assert.ok(isBalanced(account), account.line);
  spans = await collector.waitFor((all) => all.length >= account.exported);
});
after(async () => {
  await program?.stop();
  await Promise.all([servers?.stop(), collector?.stop()]);
  await stopAll();
});

const topicOf = (query: string, run: string) => `${run}-${query.replaceAll(/\W/g, "-")}`;

function ask(query: string, run: string): Promise<JobResult> {
  const topic = topicOf(query, run);
  return askKafka(program, `/consume?topic=${topic}&messages=${messages}&work=${work}&run=${run}-&${query}`);
}

/** By offset. */
function spansOf(query: string): readonly ReceivedSpan[] {
  const name = `process ends-${topicOf(query, "ends")}`;
  const offset = ({ attributes }: ReceivedSpan) => Number(attributes["messaging.kafka.offset"]);
  return spans.filter((span) => span.name === name).toSorted((a, b) => offset(a) - offset(b));
}

for (const [number, [name, query, inTurn]] of ways.entries())
  test(name, () => {
    const own = spansOf(query);
    const handled = told.get(name) ?? [];
    assert.deepEqual([own.length, handled.length], [messages, messages]);
    for (const [index, { start, end }] of own.entries()) {
      const { begun = 0 } = handled[index] ?? {};
      const next = handled[index + 1];
      // A commit is of all messages up to its own, also of those that others still work on.
      const ended = Math.min(
        ...handled.slice(index, inTurn ? index + 1 : undefined).map((each) => each.ended),
      );
      assert.ok(Number(start) <= begun + tolerance, `${index} begins after its handling`);
      assert.ok(Number(end) >= ended - tolerance, `${index} ends before its handling`);
      if (inTurn && next) assert.ok(Number(end) <= next.begun + tolerance, `${index} ends too late`);
    }
    // No message comes after the last one that would end it: it ends where one is asked for, or it is committed.
    const [later] = told.get(ways[number + 1]?.[0] ?? "") ?? [];
    if (later) assert.ok(Number(own.at(-1)?.end) <= later.begun, "the last one ends too late");
  });

test("messages that are never committed, by a reader that leaves, end when the agent does", () => {
  assert.equal(spansOf("how=never&group=g&leave=1").length, messages);
});
