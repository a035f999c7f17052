/**
 * Trace context in messages that kafka-go's Writer sends, on kernels that let it be written into the program's memory:
 * what the other end got is compared with the spans, and with what was sent. The other end is no broker: it decodes
 * produce requests by kafka-go's own protocol package, and answers them.
 *
 * OTEL_GO_AUTO_VM_KERNELS selects other kernels, OTEL_GO_AUTO_VM_GO the Go versions of the program.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { buildGo } from "../fixtures/go-binaries.ts";
import { selectedKernels } from "./kernels.ts";
import { hasOwn, hasTooMany, messageFaults, type SentMessage } from "./sent-messages.ts";
import { setUp } from "./setup.ts";
import { checked, type TracedCalls } from "./traced-calls.ts";

const kernels = selectedKernels("5.10,6.12,7.2");
setUp(kernels);

const versions = (process.env.OTEL_GO_AUTO_VM_GO ?? "1.23.12,1.26.8").split(",");
const source = join(import.meta.dirname, "messages");

/** Stripped. */
function sender(go: string, env: Readonly<Record<string, string>> = {}): TracedCalls["caller"] {
  return (arch) => buildGo({ go, source, flags: ["-ldflags=-s -w"], env: { GOARCH: arch, ...env } });
}

/** Parts of orders: what is sent in each, `count` messages. */
const parts = [
  "topic=plain&batch=1&at-once=200&count=1500",
  "topic=plain&each=10&at-once=4&count=500",
  "topic=plain&each=1000&batch=1000&count=3000",
  "topic=plain&each=7&async=1&at-once=20&count=700",
  "topic=refuse-2&each=5&at-once=10&count=400",
  ...["gzip", "snappy", "lz4", "zstd"].map(
    (name) => `topic=plain&each=5&at-once=10&compression=${name}&count=200`,
  ),
];

/** One behind the other, numbered through. */
function orders(parts: readonly string[]): {
  readonly queries: readonly string[];
  readonly requests: number;
} {
  let requests = 0;
  const queries = parts.map((part) => {
    const query = `first=${requests}&${part}`;
    requests += Number(new URLSearchParams(part).get("count"));
    return query;
  });
  return { queries, requests };
}

for (const [kernel, go] of kernels.flatMap((kernel) => versions.map((go) => [kernel, go] as const))) {
  test(`Go ${go} on ${kernel.name}: each message carries the span that the trace shows`, async (t) => {
    const run = { kernel, caller: sender(go), receiver: "go", rounds: 0, ...orders(parts) };
    await checked<SentMessage>(t, run, (received, spans, log, runs) => {
      assert.deepEqual(messageFaults(received, spans, "all"), []);
      if (runs) checkHits(t, received, runs);
      const written = /write tier: ([\d,]+) messages? carried trace context/.exec(log)?.[1];
      assert.equal(Number(written?.replaceAll(",", "")), carriers(received).length, log);
      assert.equal(carriers(received).length, received.filter(hasRoom).length);
    });
  });
}

const [kernel] = kernels.filter(({ name }) => name === "6.12").concat(kernels);
const newest = versions.at(-1) as string;

test("the garbage collector, which checks itself, finds nothing amiss", async (t) => {
  assert.ok(kernel);
  const orderly = orders([
    "topic=plain&batch=1&at-once=50&count=300",
    "topic=refuse-2&each=100&batch=100&async=1&at-once=4&count=2000",
  ]);
  const environment = "GOGC=1 GODEBUG=gccheckmark=1,invalidptr=1";
  const run = { kernel, caller: sender(newest), receiver: "go", rounds: 0, environment, ...orderly };
  await checked<SentMessage>(t, run, (received, spans) =>
    assert.deepEqual(messageFaults(received, spans, "all"), []),
  );
});

test("batches stay within their limit, old brokers get no headers, and the formats of B3 are written too", async (t) => {
  assert.ok(kernel);
  const limited = orders([
    "topic=limit-20000&bytes=20000&each=5&at-once=10&count=400",
    "topic=plain&old=1&each=5&count=50",
  ]);
  const propagators = "tracecontext,baggage,b3,b3multi";
  const run = { kernel, caller: sender(newest), receiver: "go", rounds: 0, propagators, ...limited };
  await checked<SentMessage>(t, run, (received, spans) => {
    const sent = received.filter(({ number }) => number < 400);
    assert.deepEqual(messageFaults(sent, spans, "limited"), []);
    const share = carriers(sent).length / sent.length;
    assert.ok(share > 0.5 && share < 1, `${carriers(sent).length} of ${sent.length} carry one`);
    const old = received.filter(({ number }) => number >= 400);
    assert.equal(old.length, 50);
    for (const { number, traceparents, added } of old) {
      assert.equal(traceparents, null, `message ${number}`);
      assert.equal(added, null, `message ${number}`);
    }
  });
});

test("an agent that comes and goes, or dies, changes no message", async (t) => {
  assert.ok(kernel);
  const busy = "first=0&topic=plain&each=3&at-once=8&batch=20&count=1000000&pause=100ms";
  const run = {
    kernel,
    caller: sender(newest),
    receiver: "go",
    rounds: 3,
    queries: [busy],
    requests: undefined,
  };
  await checked<SentMessage>(t, run, (received, spans) => {
    assert.deepEqual(messageFaults(received, spans, "some"), []);
    assert.ok(carriers(received).length > 0, "no message got a header");
  });
});

/** One hit for each message, and one for each record that is encoded: those of refused attempts count, too. */
function checkHits(
  t: { diagnostic(text: string): void },
  received: readonly SentMessage[],
  runs: Readonly<Record<string, number>>,
): void {
  const { kafka_message_a, kafka_record_re, kafka_batch_sen, kafka_records_w } = runs;
  const hits = { kafka_message_a, kafka_record_re, kafka_batch_sen, kafka_records_w };
  const accepted = received.filter(({ refused }) => !refused).length;
  t.diagnostic(`${accepted} messages, ${received.length} records: ${JSON.stringify(hits)}`);
  assert.equal(kafka_record_re, received.length);
  assert.equal(kafka_message_a, accepted);
}

/** What got its context from the agent. */
function carriers(received: readonly SentMessage[]): readonly SentMessage[] {
  return received.filter((message) => !hasOwn(message) && message.traceparents?.length === 1);
}

function hasRoom(message: SentMessage): boolean {
  return !hasOwn(message) && !hasTooMany(message);
}
