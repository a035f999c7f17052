import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import type { OutgoingCounts } from "../../src/kernel/index.ts";
import { attachCalls } from "./grpc/support/agent.ts";
import {
  Answering,
  type Arrived,
  type Calling,
  type Job,
  type Result,
  startCalling,
} from "./grpc/support/calls.ts";
import type { Attached } from "./support/agent.ts";

/** Less where the processor is emulated. */
const many = Number(process.env.OTEL_GO_AUTO_REQUESTS ?? 5000);

describe("socket tier of gRPC", () => {
  let calling: Calling;
  let answering: Answering;
  let agent: Attached;
  let counts: OutgoingCounts;

  before(async () => {
    [calling, answering] = [await startCalling(), await Answering.run()];
    agent = attachCalls(calling.pid);
  });
  after(async () => {
    agent?.close();
    await calling?.stop();
    await answering?.stop();
  });
  beforeEach(() => {
    counts = agent.tier.counts();
  });
  afterEach(() => {
    const { handedOver, written, notHttp, headTooLong, refused, dropped, inTwoParts, noRoom } = since();
    assert.equal(handedOver, written + inTwoParts + noRoom);
    assert.equal(notHttp + headTooLong + refused + dropped, 0);
  });

  function since(): OutgoingCounts {
    const now = Object.entries(agent.tier.counts()) as [keyof OutgoingCounts, number][];
    return Object.fromEntries(now.map(([name, count]) => [name, count - counts[name]])) as OutgoingCounts;
  }

  /** Makes calls; each of them arrives as it was sent, and none with the context of another. */
  async function call(job: Partial<Job>): Promise<Result> {
    const result = await calling.send({ Address: answering.address, ...job });
    assert.deepEqual(result.Failed, null);
    assert.equal(result.OK, job.Count ?? 1);
    return result;
  }

  async function callOne(job: Partial<Job>): Promise<Arrived> {
    const { Arrived } = await call({ Tell: true, ...job });
    return Arrived?.[0] as Arrived;
  }

  async function assertCarried(job: Partial<Job>): Promise<void> {
    const { Carried, Wrong } = await call(job);
    assert.deepEqual(Wrong, null);
    assert.equal(Carried, job.Count ?? 1);
  }

  for (const Concurrency of [1, 8, 64, 200])
    test(`each of many calls carries its own context, ${Concurrency} at once`, async () => {
      await assertCarried({ Count: many, Concurrency });
      assert.equal(since().written, many);
    });

  test("1,000 at once: but for those that the program's own buffer cuts in two, which are counted", async () => {
    const { Carried, Bare, Wrong } = await call({ Count: many, Concurrency: 1000 });
    assert.deepEqual(Wrong, null);
    assert.equal(Carried, since().written);
    assert.equal(Bare, since().inTwoParts);
    assert.ok(Bare <= many / 100, `${Bare} of ${many}`);
  });

  test("the first call of each of many connections", async () => {
    await assertCarried({ Count: 200, Concurrency: 20, Fresh: true });
  });

  test("without a buffer of the program's own", async () => {
    await assertCarried({ Connection: "unbuffered", WriteBuffer: 0, Count: 500, Concurrency: 50 });
  });

  test("streams", async () => {
    await assertCarried({ Count: 200, Concurrency: 50, Messages: 5, Pong: true });
    await assertCarried({ Count: 20, Concurrency: 10, Messages: 50, Bytes: 20_000 });
  });

  test("large messages arrive as they are, with many calls beside them", async () => {
    await assertCarried({ Count: 40, Concurrency: 8, Bytes: 4_000_000 });
  });

  test("metadata that varies from call to call: both sides' tables of fields stay in step", async () => {
    const { Wrong } = await call({ Count: many / 5, Concurrency: 100, Varied: 40 });
    assert.deepEqual(Wrong, null);
    await assertCarried({ Count: many / 5, Concurrency: 8, Varied: 20 });
  });

  test("an unsampled call says so", async () => {
    await assertCarried({ Flag: "u" });
  });

  test("tracestate and baggage go on, of up to 512 bytes", async () => {
    for (const value of [
      "vendor=a1,other=b2",
      "k=".padEnd(126, "v"),
      "k=".padEnd(127, "v"),
      "k=".padEnd(512, "v"),
    ]) {
      const { Metadata } = await callOne({ TraceState: value, Baggage: value });
      assert.equal(Metadata.traceparent?.length, 1);
      assert.deepEqual(Metadata.tracestate, [value]);
      assert.deepEqual(Metadata.baggage, [value]);
    }
    assert.equal(since().leftOut, 0);
  });

  test("longer ones, and those that have changed in memory, are left out, and counted", async () => {
    for (const job of [
      { TraceState: "k=".padEnd(513, "v"), Baggage: "k=".padEnd(513, "v") },
      { TraceState: "a=b", Baggage: "c=d", Flag: "c" },
    ] as const) {
      const { Metadata } = await callOne(job);
      assert.equal(Metadata.traceparent?.length, 1);
      assert.equal(Metadata.tracestate, undefined);
      assert.equal(Metadata.baggage, undefined);
    }
    assert.equal(since().leftOut, 4);
  });

  test("a call with a traceparent of its own is left as it is", async () => {
    const own = { traceparent: "00-own" };
    const { Metadata } = await callOne({ Metadata: own, TraceState: "a=b", Baggage: "c=d" });
    assert.deepEqual(Metadata.traceparent, ["00-own"]);
    assert.equal(Metadata.tracestate, undefined);
    assert.equal(Metadata.baggage, undefined);
    assert.equal(since().ownHeader, 1);
  });

  test("the application's own baggage and tracestate stay the only ones", async () => {
    const { Metadata } = await callOne({
      Metadata: { baggage: "own=1", tracestate: "own=2" },
      TraceState: "a=b",
      Baggage: "c=d",
    });
    assert.equal(Metadata.traceparent?.length, 1);
    assert.deepEqual(Metadata.baggage, ["own=1"]);
    assert.deepEqual(Metadata.tracestate, ["own=2"]);
  });

  test("names that begin or end like it are others", async () => {
    await assertCarried({
      Metadata: {
        traceparen: "1",
        traceparentx: "2",
        "x-traceparent": "3",
        tracepareny: "4",
        b: "5",
        bag: "6",
      },
    });
  });

  for (const peer of ["the C core", "Node's HTTP/2"] as const)
    test(`${peer} takes what is sent, as frames and fields`, async () => {
      const other = await Answering.run(peer);
      try {
        const Address = other.address;
        await assertCarried({ Address, Count: many / 5, Concurrency: 64 });
        await assertCarried({ Address, Count: many / 10, Concurrency: 8, Varied: 20 });
        await assertCarried({ Address, Count: 100, Concurrency: 20, Messages: 5, Bytes: 3000 });
        await assertCarried({ Address, Count: 40, Concurrency: 10, Fresh: true });
        await assertCarried({ Address, TraceState: "a=b", Baggage: "k=".padEnd(512, "v") });
      } finally {
        await other.stop();
      }
    });

  describe("a list of fields that grows", () => {
    // 8192 is what peers take: the list with ours is never longer.
    test("up to what peers take", async () => {
      let bare = 0;
      for (let bytes = 6000; bytes < 7900; bytes += 100) {
        const { Metadata } = await callOne({ Metadata: { "x-pad": "p".repeat(bytes) } });
        const size = Object.entries(Metadata).reduce(
          (sum, [name, values]) =>
            sum + values.reduce((sum, value) => sum + name.length + value.length + 32, 0),
          0,
        );
        assert.ok(size + 200 < 8192 || !Metadata.traceparent, `${size}`);
        if (!Metadata.traceparent) bare++;
      }
      assert.ok(bare > 0 && bare < 10, `${bare}`);
      // They are no outcome of what was handed over.
      counts = agent.tier.counts();
    });
  });

  test("a list that is longer than peers take already, by one field or by many: counted as too long", async () => {
    for (const job of [
      { Metadata: { "x-pad": "p".repeat(8200) } },
      { Metadata: { "x-pad": "p".repeat(100_000) } },
      { Varied: 400 },
      { Varied: 5000 },
    ])
      assert.equal((await callOne(job)).Metadata.traceparent, undefined);
    const { headTooLong, unreadable, handedOver } = since();
    assert.deepEqual([headTooLong, unreadable, handedOver], [4, 0, 0]);
    counts = agent.tier.counts();
  });

  describe("a socket whose buffer is full most of the time", () => {
    for (const [SendBuffer, Bytes] of [
      [1, 0],
      [4096, 3000],
      [8192, 3000],
      [20_000, 100_000],
      [60_000, 20_000],
    ] as const)
      test(`of ${SendBuffer} bytes: what finds no room is counted, and every call arrives whole`, async () => {
        const { Carried, Bare, Wrong } = await call({
          Connection: `of ${SendBuffer}`,
          SendBuffer,
          Bytes,
          Count: Bytes > 50_000 ? 300 : many / 5,
          Concurrency: 50,
        });
        assert.deepEqual(Wrong, null);
        assert.equal(Carried, since().written);
        assert.equal(Bare, since().inTwoParts + since().noRoom);
      });
  });
});
