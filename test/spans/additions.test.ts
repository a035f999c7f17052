import assert from "node:assert/strict";
import test from "node:test";
import { type HrTime, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { RecordKind } from "../../src/generated/shared.ts";
import type { Library, RecordBytes, SpanAddition } from "../../src/libraries/descriptor.ts";
import { additionReader, type TimedSpan, withAdded } from "../../src/spans/added.ts";
import { most, patience, WaitingAdditions } from "../../src/spans/additions.ts";
import { Clock } from "../../src/spans/clock.ts";
import { factsWith } from "../libraries/support/records.ts";

const spanId = (id: number) => id.toString(16).padStart(16, "0");
const second = 1e9;

/** A record as ebpf/include/addition.h begins it; a library's own part follows. */
function recordOf(
  id: number,
  own: string | Buffer,
  { atNs = 0, events = 1, attributes = 0 } = {},
): RecordBytes {
  const head = Buffer.alloc(32);
  head.writeUInt8(RecordKind.addition, 4);
  head.writeBigUInt64LE(BigInt(atNs), 8);
  head.writeBigUInt64BE(BigInt(id), 16);
  head.writeUInt8(events, 24);
  head.writeUInt8(attributes, 25);
  const buffer = Buffer.concat([head, Buffer.from(own)]);
  return { buffer, start: 0, end: buffer.length };
}

const ownOf = ({ buffer, start, end }: RecordBytes) => buffer.toString("utf8", start + 32, end);
const waitingAdditions = () =>
  new WaitingAdditions((record) => ({ events: [event(ownOf(record), [1, 0])], attributes: undefined }));
const taken = (waiting: WaitingAdditions, id: number) =>
  waiting.take(spanId(id))?.parts.flatMap(({ events }) => events.map(({ name }) => name)) ?? [];

test("what was added to a span waits for it, in order, and is given once", () => {
  const waiting = waitingAdditions();
  for (const [id, own] of [
    [1, "a"],
    [2, "b"],
    [1, "c"],
  ] as const)
    waiting.add(recordOf(id, own));
  assert.deepEqual(taken(waiting, 1), ["a", "c"]);
  assert.deepEqual(taken(waiting, 1), []);
  assert.deepEqual(taken(waiting, 2), ["b"]);
  assert.deepEqual([waiting.size, waiting.lost], [0, 0]);
});

test("one that ends too early is refused", () => {
  const { buffer } = recordOf(1, "");
  assert.throws(() => waitingAdditions().add({ buffer, start: 0, end: 31 }), RangeError);
});

test("of a span 128 are kept, and the others counted by their kind", () => {
  const waiting = waitingAdditions();
  for (let i = 0; i < 200; i++) waiting.add(recordOf(1, String(i)));
  for (let i = 0; i < 3; i++) waiting.add(recordOf(1, "", { events: 0, attributes: 5 }));
  const { parts = [], droppedEvents, droppedAttributes } = waiting.take(spanId(1)) ?? {};
  assert.equal(parts.length, most.ofSpan);
  assert.deepEqual([droppedEvents, droppedAttributes], [72, 15]);
  assert.equal(waiting.lost, 0);
});

test("what waits for more spans than there may be gives way, that of the quietest first, and is counted", () => {
  const waiting = waitingAdditions();
  waiting.add(recordOf(1, "first"));
  for (let id = 2; id <= most.spans; id++) waiting.add(recordOf(id, ""));
  waiting.add(recordOf(1, "again"));
  waiting.add(recordOf(most.spans + 1, "", { events: 1, attributes: 2 }));
  assert.equal(waiting.size, most.spans);
  assert.deepEqual(taken(waiting, 1), ["first", "again"]);
  assert.deepEqual(taken(waiting, 2), []);
  assert.equal(waiting.lost, 1);
});

test("its bytes are bounded too", () => {
  const waiting = waitingAdditions();
  const large = Buffer.alloc(1 << 20);
  for (let id = 1; id <= 20; id++) waiting.add(recordOf(id, large));
  assert.ok(waiting.size < 17, `${waiting.size} MB wait`);
  assert.equal(waiting.lost, 20 - waiting.size);
  assert.equal(taken(waiting, 20).length, 1);
});

test("what has waited for an hour is given up", () => {
  const waiting = waitingAdditions();
  waiting.add(recordOf(1, "old", { atNs: 5 * second }));
  waiting.add(recordOf(2, "younger", { atNs: 6 * second }));
  waiting.tick(5 * second + patience - 1);
  assert.equal(waiting.size, 2);
  waiting.tick(5 * second + patience);
  assert.deepEqual([waiting.size, waiting.lost], [1, 1]);
  assert.deepEqual(taken(waiting, 2), ["younger"]);
});

const clock = new Clock({ realtimeSeconds: 100, realtimeNanos: 0, monotonicSeconds: 0, monotonicNanos: 0 });
const span = {
  name: "",
  kind: SpanKind.INTERNAL,
  attributes: { a: 1, b: 1 },
  status: { code: SpanStatusCode.UNSET },
  traceState: undefined,
};
const event = (name: string, time: HrTime) => ({ name, time, attributes: {}, droppedAttributes: 0 });

function added(own: TimedSpan, records: readonly RecordBytes[], dropped = 0) {
  const toAddition = (record: RecordBytes): SpanAddition => JSON.parse(ownOf(record));
  const libraries = [{ library: { toAddition } as Pick<Library, "toAddition"> as Library }];
  const read = additionReader({ libraries, clock, facts: factsWith() });
  return withAdded(own, {
    parts: records.map(read),
    droppedEvents: dropped,
    droppedAttributes: dropped,
  });
}

test("a record of a library that adds nothing is refused", () => {
  const read = additionReader({ libraries: [], clock, facts: factsWith() });
  assert.throws(() => read(recordOf(1, "")), RangeError);
});

test("a span without additions is as it was", () => assert.equal(withAdded(span, undefined), span));

test("events take their place among the span's own by their time, and have the record's without one", () => {
  const own = { ...span, events: [event("own", [107, 5])], droppedEvents: 1, droppedAttributes: 2 };
  const said = (name: string) => JSON.stringify({ events: [{ name, attributes: {} }] });
  const timed = JSON.stringify({ events: [event("timed", [106, 0])] });
  const records = [
    recordOf(1, said("late"), { atNs: 7 * second + 6 }),
    recordOf(1, said("early"), { atNs: 7 * second + 4 }),
    recordOf(1, timed, { atNs: 9 * second }),
  ];
  const { events, droppedEvents, droppedAttributes } = added(own, records, 3);
  assert.deepEqual(events, [
    event("timed", [106, 0]),
    event("early", [107, 4]),
    event("own", [107, 5]),
    event("late", [107, 6]),
  ]);
  assert.deepEqual([droppedEvents, droppedAttributes], [4, 5]);
});

test("the last word about an attribute is the program's", () => {
  const records = [{ b: 2, c: 2 }, { c: 3 }].map((attributes) => recordOf(1, JSON.stringify({ attributes })));
  assert.deepEqual(added(span, records).attributes, { a: 1, b: 2, c: 3 });
});
