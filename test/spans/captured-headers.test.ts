import assert from "node:assert/strict";
import test from "node:test";
import { HeaderSet } from "../../src/generated/shared.ts";
import { WaitingHeaders } from "../../src/spans/captured-headers.ts";

type Value = readonly [name: string, value: string, cut?: boolean];

/** A record as ebpf/include/captured_headers.h writes it. */
function recordOf(id: number, set: number, values: readonly Value[]): Buffer {
  const parts = values.map(([name, value, cut = false]) => {
    const head = Buffer.from([name.length, Number(cut), 0, 0]);
    const bytes = Buffer.from(value);
    head.writeUInt16LE(bytes.length, 2);
    return Buffer.concat([head, Buffer.from(name), bytes]);
  });
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(24);
  head.writeBigUInt64BE(BigInt(id), 8);
  head.writeUInt32LE(body.length, 16);
  head.writeUInt8(set, 20);
  return Buffer.concat([head, body]);
}

const spanId = (id: number) => id.toString(16).padStart(16, "0");
const add = (waiting: WaitingHeaders, bytes: Buffer) =>
  waiting.add({ buffer: bytes, start: 0, end: bytes.length });

test("both records of a span become its attributes, once", () => {
  const waiting = new WaitingHeaders();
  add(
    waiting,
    recordOf(1, HeaderSet.serverRequest, [
      ["X-Id", "a"],
      ["", "b"],
      ["ETag", ""],
    ]),
  );
  add(waiting, recordOf(2, HeaderSet.serverRequest, [["X-Id", "other"]]));
  add(waiting, recordOf(1, HeaderSet.serverResponse, [["x-raw", "ü"]]));
  assert.deepEqual(waiting.take(spanId(1), 2), {
    "http.request.header.x-id": ["a", "b"],
    "http.request.header.etag": [""],
    "http.response.header.x-raw": ["ü"],
  });
  assert.equal(waiting.lost, 0);
  assert.deepEqual(waiting.take(spanId(1), 2), {});
  assert.equal(waiting.lost, 2);
});

test("a span without records takes none", () => {
  const waiting = new WaitingHeaders();
  assert.deepEqual(waiting.take(spanId(1), 0), {});
  assert.equal(waiting.lost, 0);
});

test("secrets are redacted, whatever the kernel sends", () => {
  const waiting = new WaitingHeaders();
  const values: Value[] = [
    ["Authorization", "Bearer s3cret"],
    ["Referer", "https://user:s3cret@example.com/?token=s3cret&page=2"],
    ["Location", "/next?page=2"],
  ];
  add(waiting, recordOf(1, HeaderSet.clientRequest, values));
  assert.deepEqual(waiting.take(spanId(1), 1), {
    "http.request.header.authorization": ["REDACTED"],
    "http.request.header.referer": ["https://example.com/?token=REDACTED&page=2"],
    "http.request.header.location": ["/next?page=2"],
  });
});

test("a character that was cut is left out", () => {
  const waiting = new WaitingHeaders();
  const bytes = recordOf(1, HeaderSet.clientResponse, [["X", "aü", true]]);
  bytes.writeUInt16LE(2, 26);
  bytes.writeUInt32LE(bytes.length - 24 - 1, 16);
  add(waiting, bytes);
  assert.deepEqual(waiting.take(spanId(1), 1), { "http.response.header.x": ["a"] });
});

test("a record that ends too early is refused, and nothing of it kept", () => {
  const whole = recordOf(1, HeaderSet.clientResponse, [
    ["X-Id", "abcdefgh"],
    ["X-Other", "b"],
  ]);
  const waiting = new WaitingHeaders();
  for (let length = 0; length < whole.length; length++)
    assert.throws(() => add(waiting, Buffer.from(whole.subarray(0, length))), RangeError, `${length} bytes`);
  assert.deepEqual(waiting.take(spanId(1), 1), {});
});

test("the oldest give way when too many wait, and count only when their span comes", () => {
  const waiting = new WaitingHeaders();
  for (let id = 1; id <= 16_385; id++) add(waiting, recordOf(id, HeaderSet.serverRequest, [["X", "a"]]));
  assert.equal(waiting.lost, 0);
  assert.deepEqual(waiting.take(spanId(2), 1), { "http.request.header.x": ["a"] });
  assert.deepEqual(waiting.take(spanId(1), 1), {});
  assert.equal(waiting.lost, 1);
});

test("large ones give way earlier", () => {
  const waiting = new WaitingHeaders();
  const large = "x".repeat(2000);
  for (let id = 1; id <= 10_000; id++) add(waiting, recordOf(id, HeaderSet.serverRequest, [["X", large]]));
  const kept = Array.from({ length: 10_000 }, (_, i) => waiting.take(spanId(i + 1), 1)).filter(
    (attributes) => Object.keys(attributes).length > 0,
  );
  assert.ok(kept.length > 8000 && kept.length < 8500, `${kept.length} kept`);
});
