import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LastingNote, LastingSpan, LastingUntil } from "../../src/generated/shared.ts";
import type { RecordBytes } from "../../src/libraries/descriptor.ts";
import { LastingSpans, longest, most, patience } from "../../src/spans/lasting.ts";

/** Bytes as ebpf/include/lasting.h lays them out, found by what their readers read. */
function fieldAt<R>(
  reader: new () => R & { load(record: RecordBytes): R },
  size: number,
  field: keyof R,
): number {
  for (let at = 0; at < size; at++) {
    const buffer = Buffer.alloc(size + 8);
    buffer[at] = 1;
    const value = new reader().load({ buffer, start: 0, end: size })[field];
    if (value === 1 || (typeof value === "string" && value.startsWith("01"))) return at;
  }
  throw new Error(`no field ${String(field)}`);
}

const span = (field: keyof LastingSpan) => fieldAt(LastingSpan, LastingSpan.size, field);
const note = (field: keyof LastingNote) => fieldAt(LastingNote, LastingNote.size, field);
const at = {
  spanId: span("spanSpanId"),
  startNs: span("spanStartNs"),
  goid: span("lastingGoid"),
  line: span("lastingLine"),
  position: span("lastingPosition"),
  until: span("lastingUntil"),
  note: { goid: note("goid"), atNs: note("atNs"), line: note("line"), position: note("position") },
};

interface Begun {
  readonly id: number;
  readonly startNs: number;
  readonly goid?: number;
  readonly line?: number;
  readonly position?: number;
  readonly until?: number;
}

function spanBytes(begun: Begun): RecordBytes {
  const { id, startNs, goid = 1, line = 1, position = id, until = LastingUntil.acknowledged } = begun;
  // Behind something else, as records lie in the drain's buffer, which is used again.
  const buffer = Buffer.alloc(8 + LastingSpan.size);
  const write = (value: number, place: number) => buffer.writeBigUInt64LE(BigInt(value), 8 + place);
  buffer.writeBigUInt64BE(BigInt(id), 8 + at.spanId);
  write(startNs, at.startNs);
  write(goid, at.goid);
  write(line, at.line);
  write(position, at.position);
  buffer[8 + at.until] = until;
  return { buffer, start: 8, end: buffer.length };
}

function noteBytes(goid: number, atNs: number, line = 0, position = 0): RecordBytes {
  const buffer = Buffer.alloc(LastingNote.size);
  const write = (value: number, place: number) => buffer.writeBigUInt64LE(BigInt(value), place);
  write(goid, at.note.goid);
  write(atNs, at.note.atNs);
  write(line, at.note.line);
  write(position, at.note.position);
  return { buffer, start: 0, end: buffer.length };
}

/** Ends as they come, as [id, end]. */
function started(...all: readonly Begun[]) {
  const ends: [number, number][] = [];
  const record = new LastingSpan();
  const spans = new LastingSpans(({ spanId, bytes }, endNs) => {
    // It is a copy, as its library will want to read it.
    assert.equal(record.load({ buffer: bytes, start: 0, end: bytes.length }).spanSpanId, spanId);
    ends.push([Number.parseInt(spanId, 16), endNs]);
  });
  const begin = (begun: Begun) => {
    const record = spanBytes(begun);
    spans.begin(record);
    record.buffer.fill(0xff);
  };
  for (const begun of all) begin(begun);
  return {
    spans,
    ends,
    begin,
    ask: (goid: number, atNs: number) => spans.askNext(noteBytes(goid, atNs)),
    acknowledge: (goid: number, atNs: number, position: number, line = 1) =>
      spans.acknowledge(noteBytes(goid, atNs, line, position)),
  };
}

const untilNext = { until: LastingUntil.next };

describe("one that lasts until its goroutine asks for the next", () => {
  test("ends there", () => {
    const { ends, ask, spans } = started({ id: 1, startNs: 100, ...untilNext });
    assert.deepEqual(ends, []);
    assert.equal(spans.size, 1);
    ask(2, 150);
    assert.deepEqual(ends, [], "another goroutine's");
    ask(1, 200);
    assert.deepEqual(ends, [[1, 200]]);
    assert.equal(spans.size, 0);
    ask(1, 300);
    assert.equal(ends.length, 1, "once");
  });

  test("ends at the beginning of the next when nothing was heard of the asking", () => {
    const { ends } = started(
      { id: 1, startNs: 100, ...untilNext },
      { id: 2, startNs: 400, ...untilNext },
      { id: 3, startNs: 500, goid: 2, ...untilNext },
    );
    assert.deepEqual(ends, [[1, 400]]);
  });

  test("is not acknowledged by anything", () => {
    const { ends, acknowledge } = started({ id: 1, startNs: 100, ...untilNext });
    acknowledge(1, 200, 10);
    assert.deepEqual(ends, []);
  });
});

describe("one that is acknowledged", () => {
  test("ends there while its goroutine still has it", () => {
    const { ends, acknowledge, spans } = started({ id: 1, startNs: 100 });
    acknowledge(1, 250, 1);
    assert.deepEqual(ends, [[1, 250]]);
    assert.equal(spans.size, 0);
  });

  test("ends there when another goroutine acknowledges it, and its own has gone on", () => {
    const { ends, ask, acknowledge } = started({ id: 1, startNs: 100 });
    ask(1, 110);
    assert.deepEqual(ends, []);
    acknowledge(7, 900, 1);
    assert.deepEqual(ends, [[1, 900]]);
  });

  test("ends where its goroutine asked for the next when the same acknowledges many at once", () => {
    const { ends, ask, begin, acknowledge } = started({ id: 1, startNs: 100 });
    ask(1, 200);
    begin({ id: 2, startNs: 210 });
    ask(1, 300);
    begin({ id: 3, startNs: 310 });
    acknowledge(1, 400, 3);
    assert.deepEqual(ends, [
      [1, 200],
      [2, 300],
      [3, 400],
    ]);
  });

  test("is acknowledged with all before it in its line, and none behind it or in another", () => {
    const { ends, acknowledge } = started(
      { id: 5, startNs: 1, goid: 1 },
      { id: 4, startNs: 2, goid: 2 },
      { id: 6, startNs: 3, goid: 3 },
      { id: 3, startNs: 4, goid: 4, line: 2 },
    );
    acknowledge(9, 50, 5);
    assert.deepEqual(ends.toSorted(), [
      [4, 50],
      [5, 50],
    ]);
    acknowledge(9, 60, 6);
    acknowledge(9, 70, 3, 2);
    assert.deepEqual(ends.slice(2), [
      [6, 60],
      [3, 70],
    ]);
  });

  test("may be at the same place twice, when its partition was given to somebody else and back", () => {
    const { ends, acknowledge } = started(
      { id: 1, startNs: 1, goid: 1, position: 8 },
      { id: 2, startNs: 2, goid: 2, position: 8 },
    );
    acknowledge(9, 50, 8);
    assert.deepEqual(ends, [
      [1, 50],
      [2, 50],
    ]);
  });

  test("ends where its goroutine asked for the next when it isn't acknowledged in time", () => {
    const { ends, ask, spans, acknowledge } = started({ id: 1, startNs: 100 });
    spans.tick(100 + patience);
    ask(1, 200);
    spans.tick(200 + patience - 1);
    assert.deepEqual(ends, []);
    spans.tick(200 + patience);
    assert.deepEqual(ends, [[1, 200]]);
    assert.equal(spans.unseen, 0);
    acknowledge(1, 300 + patience, 1);
    assert.equal(ends.length, 1, "once");
  });
});

describe("one of which nothing is told", () => {
  for (const until of Object.values(LastingUntil))
    test(`ends when it has lasted longer than any should (${until})`, () => {
      const { ends, spans } = started(
        { id: 1, startNs: 100, until },
        { id: 2, startNs: 101, goid: 2, until },
      );
      spans.tick(99 + longest);
      assert.deepEqual(ends, []);
      spans.tick(100 + longest);
      assert.deepEqual(ends, [[1, 100 + longest]]);
      assert.equal(spans.unseen, 1);
    });

  test("gives way to a new one when there are too many, the oldest first", () => {
    const { ends, spans, begin, ask } = started({ id: 1, startNs: 1 });
    ask(1, 2);
    for (let id = 2; id <= most; id++) begin({ id, startNs: id, goid: id });
    assert.deepEqual(ends, []);
    begin({ id: 10_001, startNs: 10_001, goid: 10_001 });
    begin({ id: 10_002, startNs: 10_002, goid: 10_002 });
    assert.deepEqual(ends, [
      [1, 2],
      [2, 10_002],
    ]);
    assert.equal(spans.size, most);
    assert.equal(spans.unseen, 2);
  });

  test("ends with the target, or where its goroutine had done with it", () => {
    const { ends, ask, spans } = started(
      { id: 1, startNs: 1 },
      { id: 2, startNs: 2, goid: 2 },
      { id: 3, startNs: 3, goid: 3, ...untilNext },
    );
    ask(2, 40);
    spans.endAll(90);
    assert.deepEqual(ends, [
      [1, 90],
      [2, 40],
      [3, 90],
    ]);
    assert.equal(spans.size, 0);
    assert.equal(spans.unseen, 0);
  });
});

test("no end is before the beginning", () => {
  const { ends, acknowledge } = started({ id: 1, startNs: 100 });
  acknowledge(7, 90, 1);
  assert.deepEqual(ends, [[1, 100]]);
});

test("a record that ends too early is refused", () => {
  const { spans } = started();
  const { buffer, start, end } = spanBytes({ id: 1, startNs: 1 });
  assert.throws(() => spans.begin({ buffer, start, end: end - 1 }), RangeError);
  assert.equal(spans.size, 0);
});

test("many that are acknowledged one by one each end at their own time", () => {
  const { begin, acknowledge, ends } = started();
  for (let id = 1; id <= 8000; id++) begin({ id, startNs: id, goid: id });
  for (let id = 1; id <= 8000; id++) acknowledge(9999, 9000 + id, id);
  assert.equal(ends.length, 8000);
  assert.deepEqual(ends.at(-1), [8000, 17_000]);
});
