/**
 * One trace through a real broker, which is the host's: a request, the messages that it writes, their handling in
 * another process, and what that keeps in a database.
 *
 * OTEL_GO_AUTO_VM_KERNELS selects another kernel.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { buildKafka, newestKafka } from "../e2e/support/kafka.ts";
import { decodeTraces, type ReceivedSpan } from "../e2e/support/otlp-json.ts";
import { type Postgres, startPostgres } from "../e2e/support/postgres.ts";
import { roadsTo } from "../e2e/support/roads.ts";
import { type Kafka, startKafka } from "../fixtures/brokers/kafka.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { hostInGuest, runInVm, type VmResult } from "./boot.ts";
import { selectedKernels } from "./kernels.ts";
import { setUp } from "./setup.ts";

const [kernel] = selectedKernels("6.12");
assert.ok(kernel);
setUp([kernel], { network: true });

let kafka: Kafka;
let postgres: Postgres;
before(async () => {
  [kafka, postgres] = await Promise.all([startKafka({ elsewhere: hostInGuest }), startPostgres()]);
});
after(() => Promise.all([kafka.stop(), postgres.stop()]));

const queries = ["topic=one&messages=5&sql=1", "topic=two&messages=5&compressed=1&sql=1"];

test("a request, its messages, their handling elsewhere and its queries are one trace", async () => {
  const flags = ["-trimpath", "-ldflags=-s -w"];
  const [program, collector] = await Promise.all([
    buildKafka(newestKafka),
    buildGo({ go: "1.26.8", source: join(import.meta.dirname, "../collector"), flags }),
  ]);
  const dsn = postgres.dsn.replace("127.0.0.1", hostInGuest);
  const words = [
    program,
    collector,
    kafka.addressElsewhere,
    `'${dsn}'`,
    ...queries.map((query) => `'${query}'`),
  ];
  const run = await runInVm({
    kernel: kernel.name,
    command: `sh test/vm/trace-pipeline ${words.join(" ")}`,
    timeoutMs: 900_000,
    memoryMb: 1024,
    network: true,
  });
  try {
    assert.equal(run.exitCode, 0, await everythingSaid(run));
    const lines = (await run.file("spans.jsonl")).toString().split("\n").filter(Boolean);
    const spans = lines
      .flatMap(decodeTraces)
      .filter(({ traceId }) => traceId === "0af7651916cd43dd8448eb211c80319c");
    for (const topic of ["one", "two"])
      assert.deepEqual(roads(spans, topic), Array(5).fill(roadOf(topic)), await everythingSaid(run));
    const messages = spans.filter(({ kind }) => kind === "producer" || kind === "consumer");
    assert.equal(messages.length, 2 * queries.length * 5);
  } finally {
    await run.dispose();
  }
});

const roadOf = (topic: string) =>
  [
    "producer: GET /consume",
    `producer: send ${topic}`,
    `consumer: process ${topic}`,
    "consumer: INSERT messages",
  ].join(" > ");

/** To each query that the handling of such a message made. */
function roads(spans: readonly ReceivedSpan[], topic: string): readonly string[] {
  const isQuery = ({ attributes }: ReceivedSpan) => attributes["db.system.name"] !== undefined;
  return roadsTo(spans, isQuery, ({ resource }) => String(resource["service.name"])).filter((road) =>
    road.includes(` ${topic} `),
  );
}

async function everythingSaid(run: VmResult): Promise<string> {
  const logs = ["agent.log", "producer.log", "consumer.log", "collector.log"].map(async (name) => {
    const log = await run.file(name).catch(() => Buffer.from("(nothing)"));
    return `--- ${name}\n${log.toString().slice(-4096)}`;
  });
  return [run.output, ...(await Promise.all(logs)), "--- console", run.console.slice(-2048)].join("\n");
}
