import assert from "node:assert/strict";
import { test } from "node:test";
import { Batcher, type SendResult } from "../../src/export/batcher.ts";
import type { Payload } from "../../src/export/payload.ts";
import { ProtobufPayloadBuilder } from "../../src/export/protobuf/payload.ts";
import { record } from "./support/records.ts";

/** A batcher whose sends end when the test says so. */
function held(options: { maxQueueSize?: number; maxBatchSize?: number; scheduleDelayMs?: number } = {}) {
  const sent: { payload: Payload; end: (result: SendResult) => void }[] = [];
  const batcher = new Batcher({
    builder: new ProtobufPayloadBuilder(),
    send: (payload) => new Promise((end) => sent.push({ payload, end })),
    options: { maxQueueSize: 100_000, maxBatchSize: 10_000, scheduleDelayMs: 60_000, ...options },
  });
  return { batcher, sent, counts: batcher.counts };
}

const ok: SendResult = { ok: true, rejected: 0 };
const long = "x".repeat(10_000);

test("a batch goes out when it is full", () => {
  const { batcher, sent } = held({ maxBatchSize: 3 });
  for (let i = 0; i < 7; i++) batcher.add(record());
  assert.deepEqual(
    sent.map(({ payload }) => payload.items),
    [3, 3],
  );
  void batcher.shutdown(0);
});

test("large spans: payloads stay near a mebibyte, the queue below its bound in bytes", () => {
  const { batcher, sent, counts } = held();
  for (let i = 0; i < 5000; i++) batcher.add(record({ attributes: { long: `${i}${long}` } }));
  assert.equal(sent.length, 4);
  for (const { payload } of sent)
    assert.ok(payload.bytes.length < 1.1 * 1024 * 1024, `${payload.bytes.length}`);
  assert.ok(counts.dropped.queueFull > 2500, `${counts.dropped.queueFull} dropped`);
  assert.ok(counts.pending * long.length < 22 * 1024 * 1024, `${counts.pending} pending`);
  assert.equal(counts.added, counts.pending + counts.dropped.queueFull);
  void batcher.shutdown(0);
});

test("a full queue takes spans again when there is room", async () => {
  const { batcher, sent, counts } = held({ maxQueueSize: 20, maxBatchSize: 10 });
  for (let i = 0; i < 100; i++) batcher.add(record());
  assert.equal(counts.pending, 4 * 10 + 20);
  assert.equal(counts.dropped.queueFull, 40);
  sent[0]?.end(ok);
  await new Promise(setImmediate);
  assert.equal(sent.length, 5);
  for (let i = 0; i < 11; i++) batcher.add(record());
  assert.equal(counts.dropped.queueFull, 41);
  void batcher.shutdown(0);
});

test("a flush waits for what is in flight, and not longer than allowed", async () => {
  const { batcher, sent, counts } = held();
  batcher.add(record());
  await batcher.flush(20);
  assert.equal(counts.pending, 1);
  const flushed = batcher.flush(60_000);
  sent[0]?.end(ok);
  await flushed;
  assert.equal(counts.exported, 1);
  await batcher.flush(60_000);
});

test("an answer after the shutdown is not counted twice", async () => {
  const { batcher, sent, counts } = held();
  batcher.add(record());
  await batcher.shutdown(1);
  sent[0]?.end(ok);
  await new Promise(setImmediate);
  assert.equal(counts.exported, 0);
  assert.equal(counts.dropped.shutdown, 1);
  assert.equal(counts.pending, 0);
});

test("a failed send is a drop of its spans alone", async () => {
  const { batcher, sent, counts } = held({ maxBatchSize: 2 });
  for (let i = 0; i < 4; i++) batcher.add(record());
  sent[0]?.end({ ok: false, error: new Error("no") });
  sent[1]?.end(ok);
  await batcher.flush(60_000);
  assert.equal(counts.dropped.exportFailed, 2);
  assert.equal(counts.exported, 2);
});
