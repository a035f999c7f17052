import assert from "node:assert/strict";
import { beforeEach, describe, type TestContext, test } from "node:test";
import type { SendResult } from "../../src/export/batcher.ts";
import type { Reading } from "../../src/export/metrics-data.ts";
import { MetricReader } from "../../src/export/metrics-reader.ts";
import { captureLog } from "./support/log.ts";
import { droppedOf, fakeSource, histogram, point, sumOf } from "./support/metrics.ts";
import { until } from "./support/wait.ts";

const lines = captureLog();
beforeEach(() => {
  lines.length = 0;
});

const ok: SendResult = { ok: true, rejected: 0 };
const aDay = 86_400_000;

/** A reader that is only moved by `tick`, and what it sent. */
function start(context: TestContext, answer: () => Promise<SendResult> = async () => ok, intervalMs = aDay) {
  const sent: (readonly Reading[])[] = [];
  const reader = new MetricReader({
    send: (readings) => {
      sent.push(readings);
      return answer();
    },
    intervalMs,
  });
  context.after(() => reader.shutdown(0));
  const tick = async () => {
    reader.tick();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { reader, sent, tick };
}

const valuesOf = (sent: (readonly Reading[])[]) =>
  sent.map((readings) =>
    readings.map((reading) => (reading.kind === "histogram" ? reading.count : reading.value)),
  );

describe("metric reader", () => {
  test("asks every source, each interval", async (context) => {
    const { reader, sent } = start(context, undefined, 10);
    const source = fakeSource(point({ value: 7 }), point({ value: 8 }));
    reader.add(source);
    reader.add(fakeSource(point({ value: 9 })));
    await until(() => sent.length >= 3, "three exports");
    assert.deepEqual(valuesOf(sent)[2], [7, 8, 9]);
    assert.equal(source.looks, sent.length);
  });

  test("nothing to say: nothing is sent", async (context) => {
    const { reader, sent, tick } = start(context);
    await tick();
    reader.add(fakeSource());
    await tick();
    await reader.shutdown(1000);
    assert.deepEqual(sent, []);
  });

  test("a removed source is looked at a last time, once", async (context) => {
    const { reader, sent, tick } = start(context);
    const source = fakeSource(point({ value: 5 }));
    const remove = reader.add(source);
    const before = Date.now();
    remove();
    remove();
    assert.equal(reader.counts.pending, 1);
    await tick();
    await tick();
    assert.deepEqual(valuesOf(sent), [[5]]);
    assert.equal(source.looks, 1);
    const [seconds = 0] = sent[0]?.[0]?.time ?? [];
    assert.ok(seconds >= Math.floor(before / 1000) && seconds <= Date.now() / 1000);
  });

  test("an export that takes long is not overtaken, and nothing piles up behind it", async (context) => {
    const answers: ((result: SendResult) => void)[] = [];
    const { reader, sent, tick } = start(context, () => new Promise((resolve) => answers.push(resolve)));
    const source = fakeSource(point());
    reader.add(source);
    for (let i = 0; i < 5; i++) await tick();
    assert.equal(sent.length, 1);
    assert.equal(reader.counts.pending, 1);
    answers[0]?.(ok);
    await tick(); // lets the answer come
    await tick();
    assert.equal(sent.length, 2);
    assert.equal(source.looks, 2);
  });

  test("what cannot be sent is counted: no number, too many, refused, failed, rejected", async (context) => {
    const results: SendResult[] = [
      { ok: false, error: new Error("no") },
      { ok: true, rejected: 2 },
      { ok: true, rejected: 1e9 },
    ];
    const { reader, sent, tick } = start(context, async () => results.shift() ?? ok);
    reader.add(fakeSource(point({ value: Number.NaN }), point({ value: Number.POSITIVE_INFINITY })));
    reader.add(fakeSource(...Array.from({ length: 10_001 }, () => point())));
    reader.add(fakeSource(point()));
    await tick();
    assert.equal(sent[0]?.length, 10_000);
    assert.deepEqual(droppedOf(reader.counts), { notFinite: 2, tooMany: 2, exportFailed: 10_000 });
    await tick();
    await tick();
    await tick();
    assert.equal(reader.counts.dropped.rejected, 2 + 10_000);
    assert.equal(reader.counts.exported, 9_998 + 10_000);
    assert.equal(reader.counts.received, 4 * 10_004);
    assert.equal(sumOf(reader.counts), reader.counts.received);
  });

  test("histograms are sent in requests that a gRPC server takes; what is behind one that fails is not tried", async (context) => {
    const results: SendResult[] = [ok, { ok: false, error: new Error("no") }];
    const { reader, sent, tick } = start(context, async () => results.shift() ?? ok);
    reader.add(fakeSource(...Array.from({ length: 2_500 }, () => histogram())));
    await tick();
    assert.deepEqual(
      sent.map(({ length }) => length),
      [1000, 1000],
    );
    assert.equal(reader.counts.exported, 1000);
    assert.deepEqual(droppedOf(reader.counts), { exportFailed: 1500 });
    assert.equal(reader.counts.failures, 1);
    assert.equal(sumOf(reader.counts), reader.counts.received);
  });

  test("a source that fails is said once, and keeps no other from being read", async (context) => {
    const { reader, sent, tick } = start(context);
    reader.add({
      collect: () => {
        throw new Error("no such \u001b[31mmap");
      },
    });
    reader.add(fakeSource(point({ value: 4 })));
    await tick();
    await tick();
    assert.deepEqual(valuesOf(sent), [[4], [4]]);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? "", /cannot be read and are left out: no such �\[31mmap/);
  });

  test("a send that throws is a failed export", async (context) => {
    const { reader, tick } = start(context, async () => {
      throw new Error("cannot be written");
    });
    reader.add(fakeSource(point()));
    await tick();
    await tick();
    assert.deepEqual(droppedOf(reader.counts), { exportFailed: 2 });
  });

  test("a shutdown exports once more: what there is, and what was removed just before", async (context) => {
    const { reader, sent } = start(context);
    reader.add(fakeSource(point({ value: 1 })))();
    const source = fakeSource(point({ value: 2 }));
    const remove = reader.add(source);
    await reader.shutdown(5000);
    remove();
    await reader.shutdown(5000);
    assert.deepEqual(valuesOf(sent), [[1, 2]]);
    assert.equal(source.looks, 1);
    assert.equal(reader.counts.exported, 2);
  });

  test("a shutdown ends in time, also behind an export that hangs, and counts what was not sent", async (context) => {
    const { reader, sent, tick } = start(context, () => new Promise(() => {}));
    reader.add(fakeSource(point()));
    await tick();
    await reader.shutdown(50);
    assert.equal(sent.length, 1);
    assert.deepEqual(droppedOf(reader.counts), { shutdown: 2 });
    assert.equal(reader.counts.pending, 0);
    assert.equal(sumOf(reader.counts), reader.counts.received);
  });
});
