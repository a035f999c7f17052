// What each logger's records become: ebpf/include/log_record.h.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { LogRecord } from "../../../src/generated/shared.ts";
import type { RecordBytes, SpanFacts } from "../../../src/libraries/descriptor.ts";
import { library as zerolog } from "../../../src/libraries/github.com/rs/zerolog/index.ts";
import { library as zap } from "../../../src/libraries/go.uber.org/zap/index.ts";
import { library as slog } from "../../../src/libraries/log/slog/index.ts";
import { factsWith } from "../support/records.ts";

interface Parts {
  readonly level?: number;
  readonly message?: string | Buffer;
  /** Of the message in the program, where it is longer than what is here. */
  readonly length?: number;
  readonly at?: number;
  readonly logger?: string;
}

function recordOf({ level = 0, message = "", length, at = 0, logger }: Parts): RecordBytes {
  const bytes = Buffer.from(message);
  const room = Buffer.alloc(logger === undefined ? 0 : 64);
  room.write(logger ?? "");
  const head = Buffer.alloc(LogRecord.size);
  head.writeBigUInt64LE(BigInt(at), 32);
  head.writeBigUInt64LE(BigInt(length ?? bytes.length), 40);
  head.writeInt32LE(level, 48);
  head.writeUInt16LE(bytes.length, 52);
  head.writeUInt8(Buffer.byteLength(logger ?? ""), 54);
  head.writeUInt8(room.length, 55);
  const buffer = Buffer.concat([head, room, bytes, Buffer.alloc(64, "z")]);
  return { buffer, start: 0, end: buffer.length };
}

function eventOf(library: typeof zap, parts: Parts, facts: SpanFacts = factsWith()) {
  const { events = [], attributes } = library.toAddition?.(recordOf(parts), facts) ?? {};
  assert.equal(attributes, undefined);
  assert.equal(events.length, 1);
  assert.equal(events[0]?.name, "log");
  return events[0]?.attributes;
}

describe("severities are the loggers' own words", () => {
  const words = {
    slog: [slog, [-8, "DEBUG-4"], [-4, "DEBUG"], [-3, "DEBUG+1"], [0, "INFO"], [3, "INFO+3"], [4, "WARN"]],
    "slog's errors": [slog, [8, "ERROR"], [12, "ERROR+4"]],
    zap: [zap, [-1, "DEBUG"], [0, "INFO"], [1, "WARN"], [2, "ERROR"], [3, "DPANIC"], [4, "PANIC"]],
    "zap's others": [zap, [5, "FATAL"], [-7, "Level(-7)"]],
    zerolog: [zerolog, [-1, "TRACE"], [0, "DEBUG"], [1, "INFO"], [2, "WARN"], [3, "ERROR"], [4, "FATAL"]],
    "zerolog's others": [zerolog, [5, "PANIC"], [6, undefined], [9, "9"]],
  } as const;
  for (const [name, [library, ...levels]] of Object.entries(words))
    test(name, () => {
      for (const [level, word] of levels)
        assert.equal(eventOf(library, { level })?.["log.severity"], word, `${level}`);
    });
});

test("message and logger, as far as there are any", () => {
  const severity = { "log.severity": "INFO" };
  assert.deepEqual(eventOf(slog, { message: "done" }), { ...severity, "log.message": "done" });
  assert.deepEqual(eventOf(slog, {}), severity);
  assert.deepEqual(eventOf(zap, { message: "done", logger: "shop" }), {
    ...severity,
    "log.message": "done",
    "log.logger": "shop",
  });
  assert.deepEqual(eventOf(zap, { message: "done", logger: "" }), { ...severity, "log.message": "done" });
});

test("a message that goes on ends with an ellipsis, and with no half of a character", () => {
  const message = Buffer.from(`y${"é".repeat(600)}`).subarray(0, 1024);
  assert.equal(eventOf(slog, { message, length: 1201 })?.["log.message"], `y${"é".repeat(511)}…`);
});

test("a message that was not in memory yet is read from the file, where the program can't change it", () => {
  const asked: unknown[] = [];
  const facts: SpanFacts = {
    ...factsWith(),
    constant: (address, length) => {
      asked.push([address, length]);
      return address === 0x4000 ? Buffer.alloc(length, "c") : undefined;
    },
  };
  const message = (at: number, length: number) => eventOf(zap, { at, length }, facts)?.["log.message"];
  assert.equal(message(0x4000, 3), "ccc");
  assert.equal(message(0x4000, 1_000_000), `${"c".repeat(1024)}…`);
  assert.equal(message(0x5000, 3), undefined);
  assert.deepEqual(asked, [
    [0x4000, 3],
    [0x4000, 1024],
    [0x5000, 3],
  ]);
});

test("a record that says more than it has is refused, whatever it says", () => {
  const { buffer } = recordOf({ message: "abc", logger: "l" });
  for (const end of [LogRecord.size, LogRecord.size + 66])
    assert.throws(() => zap.toAddition?.({ buffer, start: 0, end }, factsWith()), RangeError);
  for (let i = 0; i < 5000; i++) {
    const bytes = randomBytes(LogRecord.size + (i % 1200));
    try {
      zap.toAddition?.({ buffer: bytes, start: 0, end: bytes.length }, factsWith());
    } catch (error) {
      assert.ok(error instanceof RangeError, `${error}\n${bytes.toString("hex")}`);
    }
  }
});
