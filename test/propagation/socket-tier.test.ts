import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import type { OutgoingCounts } from "../../src/kernel/index.ts";
import { type Attached, attach } from "./support/agent.ts";
import { type Client, type Job, startClient } from "./support/client.ts";
import { type Arrived, bodyHash, expectedTraceparent, headers, Recorder } from "./support/server.ts";

const mebibyte = 1 << 20;

/** Less where the processor is emulated. */
const many = Number(process.env.OTEL_GO_AUTO_REQUESTS ?? 10_000);
const step = many < 1000 ? 13 : 1;

describe("socket tier", () => {
  let client: Client;
  let server: Recorder;
  let agent: Attached;
  let counts: OutgoingCounts;

  before(async () => {
    [client, server] = [await startClient(), await Recorder.listen()];
    agent = attach(client.pid);
  });
  after(() => {
    agent?.close();
    client?.stop();
    server?.close();
  });
  beforeEach(() => {
    counts = agent.tier.counts();
  });
  afterEach(() => {
    const { handedOver, written, ownHeader, notHttp, headTooLong, refused, dropped } = since();
    assert.equal(handedOver, written + ownHeader + notHttp + headTooLong + refused + dropped);
    assert.equal(notHttp + refused + dropped, 0);
  });

  function since(): OutgoingCounts {
    const now = Object.entries(agent.tier.counts()) as [keyof OutgoingCounts, number][];
    return Object.fromEntries(now.map(([name, count]) => [name, count - counts[name]])) as OutgoingCounts;
  }

  /** Sends, and gives what arrived. */
  async function send(job: Partial<Job>): Promise<Arrived[]> {
    server.take();
    const { Failed } = await client.send({ URL: server.url, Pool: 64, ...job });
    assert.equal(Failed, null);
    const arrived = server.take();
    assert.equal(arrived.length, job.Count ?? 1);
    return arrived;
  }

  function assertCarried(arrived: readonly Arrived[]): void {
    for (const request of arrived)
      assert.deepEqual(headers(request, "traceparent"), [expectedTraceparent(request.id)], request.id);
  }

  async function sendOne(job: Partial<Job>): Promise<Arrived> {
    const [arrived] = await send(job);
    return arrived as Arrived;
  }

  for (const [Pool, Transport] of [
    [256, "pooled"],
    [2, "two kept"],
  ] as const) {
    test(`each of many requests carries its own context, 256 at once, ${Transport}`, async () => {
      assertCarried(await send({ Count: many, Concurrency: 256, Pool, Transport }));
      assert.equal(since().written, many);
    });
  }

  test("an unsampled request says so", async () => {
    const request = await sendOne({ Path: "u" });
    assert.deepEqual(headers(request, "traceparent"), [expectedTraceparent(request.id, false)]);
  });

  test("tracestate and baggage go on", async () => {
    const request = await sendOne({ Query: "vendor=a1,other=b2", Fragment: "user=7" });
    assertCarried([request]);
    assert.deepEqual(headers(request, "tracestate"), ["vendor=a1,other=b2"]);
    assert.deepEqual(headers(request, "baggage"), ["user=7"]);
  });

  for (const [bytes, fits] of [
    [512, true],
    [513, false],
  ] as const) {
    test(`a tracestate and a baggage of ${bytes} bytes ${fits ? "go on" : "are left out, and counted"}`, async () => {
      const value = "k=".padEnd(bytes, "v");
      const request = await sendOne({ Query: value, Fragment: value });
      assertCarried([request]);
      assert.deepEqual(headers(request, "tracestate"), fits ? [value] : []);
      assert.deepEqual(headers(request, "baggage"), fits ? [value] : []);
      assert.equal(since().leftOut, fits ? 0 : 2);
    });
  }

  test("tabs go on, as blanks do; other control characters do not", async () => {
    // At each place of a word of eight bytes, between blanks too.
    const tabs = "user=7,\tid=1 \t; p \t\t= 2,\t\t\t\t\t\t\t\t\ta=b\t";
    const request = await sendOne({ Fragment: tabs });
    assertCarried([request]);
    // Whoever reads a header takes blanks at its ends away.
    assert.deepEqual(
      headers(request, "baggage").map((value) => value.trim()),
      [tabs.trim()],
    );
    for (const character of ["\n", "\r", "\b", "\v", "\0", "\x1f"])
      for (const place of ["\t", "a=b,\t c", "a=b\t\t\t", "\t a=bcdefg"]) {
        const left = await sendOne({ Query: "a=b", Fragment: `${place}${character}\tx=y` });
        assert.deepEqual(headers(left, "baggage"), [], JSON.stringify(place + character));
        assert.deepEqual(headers(left, "tracestate"), ["a=b"]);
      }
  });

  test("what has changed in memory since it came in is left out, and counted", async () => {
    const request = await sendOne({ Path: "c", Query: "vendor=a1", Fragment: "user=7" });
    assertCarried([request]);
    assert.deepEqual(headers(request, "tracestate"), []);
    assert.deepEqual(headers(request, "baggage"), []);
    assert.equal(since().leftOut, 2);
  });

  test("the application's own baggage stays the only one", async () => {
    const request = await sendOne({ Fragment: "user=7", Query: "a=b", Headers: { baggage: "own=1" } });
    assertCarried([request]);
    assert.deepEqual(headers(request, "baggage"), ["own=1"]);
    assert.deepEqual(headers(request, "tracestate"), ["a=b"]);
  });

  for (const name of ["Traceparent", "traceparent", "TRACEPARENT", "tRaCePaReNt"]) {
    test(`a request with a ${name} of its own is left as it is`, async () => {
      const request = await sendOne({ Headers: { [name]: "00-own" }, Query: "a=b", Fragment: "c=d" });
      assert.deepEqual(headers(request, "traceparent"), ["00-own"]);
      assert.deepEqual(headers(request, "tracestate"), []);
      assert.equal(since().ownHeader, 1);
    });
  }

  test("names that begin or end like it are others", async () => {
    const Headers = {
      Traceparen: "1",
      Traceparentx: "2",
      "X-Traceparent": "3",
      B: "4",
      Bag: "5",
      X: "traceparent:",
    };
    assertCarried([await sendOne({ Headers })]);
  });

  for (const Body of [10, 4000, 5000, 100_000, mebibyte, 20 * mebibyte]) {
    test(`a body of ${Body} bytes arrives as it is`, async () => {
      const request = await sendOne({ Method: "POST", Body });
      assertCarried([request]);
      assert.equal(request.bodyBytes, Body);
      assert.equal(request.bodyHash, bodyHash(Body));
    });
  }

  const shapes: Record<string, Partial<Job>> = {
    chunked: { Chunked: true },
    "chunked, slowly": { Chunked: true, SlowChunks: true },
    "slowly, of known length": { SlowChunks: true },
    "after 100 Continue": { Expect: true },
    "on a connection that ends with it": { Close: true },
    "by PATCH": { Method: "PATCH" },
    "by a method of few": { Method: "PURGE" },
  };
  for (const [name, shape] of Object.entries(shapes)) {
    test(`a body ${name}`, async () => {
      const request = await sendOne({ Method: "POST", Body: 300_000, ...shape });
      assertCarried([request]);
      assert.equal(request.bodyHash, bodyHash(300_000));
    });
  }

  test("a body that looks like a head", async () => {
    const BodyText = `x\r\nTraceparent: 00-body\r\n\r\nGET /0123456789abcdef HTTP/1.1\r\nHost: x\r\n\r\n${"y".repeat(9000)}`;
    for (const Chunked of [false, true]) {
      const request = await sendOne({ Method: "POST", BodyText, Chunked });
      assertCarried([request]);
      assert.equal(request.bodyBytes, BodyText.length);
    }
  });

  test("a file that is sent by the kernel itself", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "otel-go-auto-"));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "file"), Buffer.alloc(3 * mebibyte, "0123456789abcdef"));
    const request = await sendOne({ Method: "PUT", FromFile: join(folder, "file") });
    assertCarried([request]);
    assert.equal(request.bodyHash, bodyHash(3 * mebibyte));
  });

  test("an answer of 50 MiB, four at once, is read as it was sent", async () => {
    assertCarried(await send({ Count: 8, Concurrency: 4, Download: 50 * mebibyte }));
  });

  // net/http writes 4096 bytes at a time.
  describe("heads about as long as a write", () => {
    for (const [name, jobOf] of [
      ["a header", (pad: string): Partial<Job> => ({ Headers: { "X-Pad": pad } })],
      ["a path", (pad: string): Partial<Job> => ({ Path: `/${pad}` })],
    ] as const) {
      test(`${name} that makes them so, byte by byte`, async () => {
        for (let bytes = 3850; bytes < 4110; bytes += step) {
          const request = await sendOne(jobOf("p".repeat(bytes)));
          assertCarried([request]);
        }
      });
    }

    test("with a traceparent of its own across the edge", async () => {
      // "X-Pad" is written before, as net/http sorts them.
      for (let bytes = 3850; bytes < 4110; bytes += step) {
        const request = await sendOne({
          Headers: { "X-Pad": "p".repeat(bytes), "Z-Traceparent": "no", traceparent: "own" },
        });
        assert.deepEqual(headers(request, "traceparent"), ["own"], `${bytes}`);
      }
    });

    test("from 256 bytes to 9 kB", async () => {
      for (let bytes = 256; bytes < 9000; bytes += 97 * step) {
        assertCarried([await sendOne({ Headers: { "X-Pad": "p".repeat(bytes) } })]);
        assertCarried([await sendOne({ Path: `/${"p".repeat(bytes)}`, Method: "POST", Body: 5000 })]);
      }
    });

    test("in one write that is too long to look at: it passes, and is counted", async () => {
      const request = await sendOne({
        Transport: "large writes",
        WriteBuffer: 65_536,
        Headers: { "X-Pad": "p".repeat(20_000) },
      });
      assert.deepEqual(headers(request, "traceparent"), []);
      assert.equal(since().headTooLong, 1);
    });

    test("in one write that is just short enough", async () => {
      const job = {
        Transport: "large writes",
        WriteBuffer: 65_536,
        Headers: { "X-Pad": "p".repeat(16_000) },
      };
      assertCarried([await sendOne(job)]);
    });
  });

  test("IPv6", async (t) => {
    const server6 = await Recorder.listen({ host: "::1" });
    t.after(() => server6.close());
    const { Failed } = await client.send({ URL: server6.url, Count: 200, Concurrency: 10 });
    assert.equal(Failed, null);
    const arrived = server6.take();
    assert.equal(arrived.length, 200);
    assertCarried(arrived);
  });
});
