import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { ProtobufPayloadBuilder } from "../../src/export/protobuf/payload.ts";
import { ProtobufWriter } from "../../src/export/protobuf/writer.ts";
import { Double, type SpanValue } from "../../src/libraries/span-parts.ts";
import type { SpanRecord } from "../../src/spans/types.ts";
import { decodeRequest, spansOf } from "./support/otlp.ts";
import { toReadableSpan } from "./support/readable-span.ts";
import { event, link, record, resource } from "./support/records.ts";

function ours(spans: readonly SpanRecord[], builder = new ProtobufPayloadBuilder()) {
  for (const span of spans) builder.append(span);
  return decodeRequest(builder.finish().bytes);
}

function theirs(spans: readonly SpanRecord[]) {
  const decoded = decodeRequest(
    ProtobufTraceSerializer.serializeRequest(spans.map(toReadableSpan)) ?? new Uint8Array(),
  );
  // It says of every link that what it leads to is not remote, which nobody knows here.
  for (const { links } of spansOf(decoded)) for (const link of links) link.flags &= 0xff;
  return decoded;
}

/** Every value that an attribute can have, and sizes on both sides of each change in the length's length. */
const attributes = {
  text: "plain",
  empty: "",
  umlaut: "Straße/über/日本語/🎉",
  longUmlaut: "ü".repeat(64),
  yes: true,
  no: false,
  zero: 0,
  negative: -1,
  large: 2 ** 40 + 7,
  largeNegative: -(2 ** 40) - 7,
  largest: Number.MAX_SAFE_INTEGER,
  smallest: Number.MIN_SAFE_INTEGER,
  word: 2 ** 32,
  fraction: 0.1,
  beyond: 1e300,
  infinite: Number.POSITIVE_INFINITY,
  texts: ["a", "b"],
  numbers: [1, -2, 2.5],
  flags: [true, false],
  nothing: [],
  ...Object.fromEntries(
    [23, 24, 25, 126, 127, 128, 129, 16_383, 16_384, 70_000].map((n) => [`length ${n}`, "x".repeat(n)]),
  ),
};

describe("protobuf payload", () => {
  const cases: Record<string, SpanRecord[]> = {
    "a server span": [record()],
    "every kind of value": [record({ attributes })],
    "no attributes": [record({ attributes: {} })],
    "dropped attributes": [record({ droppedAttributes: 1 }), record({ droppedAttributes: 300 })],
    "a remote parent": [record({ parentSpanId: "00f067aa0ba902b7", parentIsRemote: true })],
    "a local parent": [record({ parentSpanId: "00f067aa0ba902b7" })],
    "trace state": [record({ traceState: "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7" })],
    "trace flags": [record({ traceFlags: 3 })],
    "an error": [record({ status: { code: SpanStatusCode.ERROR, message: "panic: ü" } })],
    "an error without a message": [record({ status: { code: SpanStatusCode.ERROR } })],
    "events and links": [
      record({ events: [event, { ...event, attributes: {}, droppedAttributes: 0 }], droppedEvents: 4 }),
      record({
        links: [link, { ...link, traceState: "congo=1", droppedAttributes: 300 }],
        droppedLinks: 300,
      }),
    ],
    "each kind": [0, 1, 2, 3, 4].map((kind) => record({ kind: kind as SpanKind })),
    "times at their ends": [
      record({ startTime: [0, 0], endTime: [0, 999_999_999] }),
      record({ startTime: [1_790_000_000, 999_999_999], endTime: [2 ** 34 - 1, 999_999_999] }),
    ],
    "3,000 spans": Array.from({ length: 3000 }, () => record()),
    "several scopes and resources": [
      record(),
      record({ scope: { name: "other" } }),
      record({ resource: resourceFromAttributes({ "service.name": "second" }) }),
      record(),
      record({ scope: { name: "other" }, resource }),
    ],
  };
  for (const [name, spans] of Object.entries(cases)) {
    test(`${name}: says what the OTel serializer says`, () => {
      const decoded = theirs(spans);
      assert.equal(spansOf(decoded).length, spans.length);
      if (name === "several scopes and resources") {
        // The two scopes "other" are two objects: their serializer keeps them apart, and so does ours.
        assert.deepEqual(
          decoded.resourceSpans.map(({ scopeSpans }) => scopeSpans.length),
          [3, 1],
        );
      }
      assert.deepEqual(ours(spans), decoded);
    });
  }

  test("a value that came before is written as the first time", () => {
    const spans = Array.from({ length: 100 }, (_, i) =>
      record({ attributes: { a: i % 3, b: `${i % 3}`, c: i, d: i % 2 === 0, e: "ü".repeat(i) } }),
    );
    assert.deepEqual(ours(spans), theirs(spans));
    assert.deepEqual(ours(spans), theirs(spans));
  });

  test("a builder starts anew after each payload", () => {
    const builder = new ProtobufPayloadBuilder();
    const [first, second] = [record(), record({ scope: { name: "other" } })];
    assert.deepEqual(
      spansOf(ours([first], builder)).map(({ spanId }) => spanId),
      [first.spanId],
    );
    assert.equal(builder.spans, 0);
    assert.equal(builder.size, 0);
    const decoded = ours([second], builder);
    assert.deepEqual(
      spansOf(decoded).map(({ spanId }) => spanId),
      [second.spanId],
    );
    assert.deepEqual(
      decoded.resourceSpans[0]?.scopeSpans.map(({ scope }) => scope.name),
      ["other"],
    );
  });

  test("a payload is not changed by the next one", () => {
    const builder = new ProtobufPayloadBuilder();
    builder.append(record({ name: "first" }));
    const { bytes } = builder.finish();
    builder.append(record({ name: "second" }));
    builder.finish();
    assert.deepEqual(
      spansOf(decodeRequest(bytes)).map(({ name }) => name),
      ["first"],
    );
  });

  test("values that only an application sets: of 64 bits, of a fraction that is none, bytes, lists and maps", () => {
    const attributes = {
      large: 2n ** 63n - 1n,
      least: -(2n ** 63n),
      whole: new Double(5),
      bytes: Uint8Array.of(0, 255),
      mixed: [1, "a", new Double(2), [true]],
      map: new Map<string, SpanValue>([
        ["a", 1],
        ["b", new Map([["c", "d"]])],
      ]),
    };
    const [span] = spansOf(ours([record({ attributes })]));
    assert.deepEqual(span?.attributes, [
      { key: "large", value: { intValue: "9223372036854775807" } },
      { key: "least", value: { intValue: "-9223372036854775808" } },
      { key: "whole", value: { doubleValue: 5 } },
      { key: "bytes", value: { bytesValue: "00ff" } },
      {
        key: "mixed",
        value: {
          arrayValue: {
            values: [
              { intValue: "1" },
              { stringValue: "a" },
              { doubleValue: 2 },
              { arrayValue: { values: [{ boolValue: true }] } },
            ],
          },
        },
      },
      {
        key: "map",
        value: {
          kvlistValue: {
            values: [
              { key: "a", value: { intValue: "1" } },
              {
                key: "b",
                value: { kvlistValue: { values: [{ key: "c", value: { stringValue: "d" } }] } },
              },
            ],
          },
        },
      },
    ]);
  });

  test("half a surrogate pair becomes U+FFFD", () => {
    const [span] = spansOf(ours([record({ name: "a\ud800b" })]));
    assert.equal(span?.name, "a\ufffdb");
  });

  test("the size is about that of the bytes", () => {
    const builder = new ProtobufPayloadBuilder();
    for (let i = 0; i < 100; i++) builder.append(record());
    const size = builder.size;
    const { bytes, items } = builder.finish();
    assert.equal(items, 100);
    assert.ok(Math.abs(bytes.length - size) < 300, `${bytes.length} bytes, said ${size}`);
  });

  test("keys without end do not fill the memory of known keys, and come out right", () => {
    const spans = Array.from({ length: 1000 }, (_, i) => record({ attributes: { [`key ${i}`]: i } }));
    assert.deepEqual(ours(spans), theirs(spans));
  });
});

test("a writer's messages have the right length, whatever was reserved", () => {
  for (const reserved of [1, 2, 4]) {
    for (const length of [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
      const writer = new ProtobufWriter();
      const start = writer.open(reserved);
      writer.raw(Buffer.alloc(length, 7));
      writer.close(start, reserved);
      writer.byte(9);
      const expected = new ProtobufWriter();
      expected.varint(length);
      expected.raw(Buffer.alloc(length, 7));
      expected.byte(9);
      assert.ok(
        Buffer.from(writer.written()).equals(Buffer.from(expected.written())),
        `${length} after ${reserved}`,
      );
    }
  }
});
