import assert from "node:assert/strict";
import test from "node:test";
import { MadeSpanRecord } from "../../../src/generated/shared.ts";
import { toSpan } from "../../../src/libraries/go.opentelemetry.io/to-span.ts";
import { Double } from "../../../src/libraries/span-parts.ts";

/** As Go's encoding/json writes it: fields in the order of their structs, those of Span's own MarshalJSON last. */
const whole =
  '{"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{"name":"shop","version":"1"},"spans":[{"traceId":"",' +
  '"spanId":"","name":"p\\u003cck \\"é\\"","kind":3,"attributes":[{"key":"text","value":{"stringValue":"a\\\\"}},' +
  '{"key":"large","value":{"intValue":"9223372036854775807"}},{"key":"small","value":{"intValue":"-5"}},' +
  '{"key":"double","value":{"doubleValue":5}},{"key":"list","value":{"arrayValue":{"values":[{"boolValue":true}]}}},' +
  '{"key":"bytes","value":{"bytesValue":"AP8="}},' +
  '{"key":"map","value":{"kvlistValue":{"values":[{"key":"k","value":{"stringValue":"}],"}}]}}}],' +
  '"droppedAttributesCount":2,"events":[{"name":"exception","attributes":[{"key":"n","value":{"intValue":"1"}}],' +
  '"timeUnixNano":1700000000123456789}],"droppedEventsCount":1,' +
  '"links":[{"traceId":"01020300000000000000000000000000","spanId":"0405060000000000","flags":1},{"traceId":"","spanId":""}],' +
  '"status":{"message":"not \\"there\\"","code":2},"startTimeUnixNano":1700000000000000001,' +
  '"endTimeUnixNano":1700000001000000002}],"schemaUrl":"https://shop.example/1"}]}]}';

/** A record of the ring, with what `length` says there was. */
function recordOf(payload: string | Buffer, length?: number) {
  const bytes = Buffer.from(payload);
  const buffer = Buffer.alloc(MadeSpanRecord.size + bytes.length + 100, 0x5b);
  bytes.copy(buffer, MadeSpanRecord.size);
  buffer.writeUInt32LE(length ?? bytes.length, MadeSpanRecord.size - 8);
  buffer.writeUInt32LE(bytes.length, MadeSpanRecord.size - 4);
  return { buffer, start: 0, end: buffer.length };
}

/** What the kernel keeps of a payload that is too long: the first 60 KiB and the last 4. */
function cutRecord(payload: string) {
  const bytes = Buffer.from(payload);
  const kept = Buffer.concat([bytes.subarray(0, 60 * 1024), bytes.subarray(-4096)]);
  return recordOf(kept, bytes.length);
}

test("all that a span says of itself", () => {
  assert.deepEqual(toSpan(recordOf(whole)), {
    name: 'p<ck "é"',
    kind: 2,
    attributes: {
      text: "a\\",
      large: 2n ** 63n - 1n,
      small: -5,
      double: new Double(5),
      list: [true],
      bytes: Buffer.of(0, 255),
      map: new Map([["k", "}],"]]),
    },
    droppedAttributes: 2,
    events: [
      { name: "exception", time: [1_700_000_000, 123_456_789], attributes: { n: 1 }, droppedAttributes: 0 },
    ],
    droppedEvents: 1,
    links: [
      {
        traceId: "01020300000000000000000000000000",
        spanId: "0405060000000000",
        traceState: undefined,
        traceFlags: 1,
        attributes: {},
        droppedAttributes: 0,
      },
    ],
    // One led to a span whose ids the program doesn't have.
    droppedLinks: 1,
    status: { code: 2, message: 'not "there"' },
    traceState: undefined,
    scope: { name: "shop", version: "1", schemaUrl: "https://shop.example/1" },
    ofMiddleware: false,
    startTime: [1_700_000_000, 1],
    endTime: [1_700_000_001, 2],
  });
});

test("spans of one tracer share one object of its scope", () => {
  assert.equal(toSpan(recordOf(whole)).scope, toSpan(recordOf(whole)).scope);
});

test("spans of two tracers in turns, and a tracer whose schema alone differs", () => {
  const other = whole.replace('"name":"shop"', '"name":"stock"');
  const newer = whole.replace("example/1", "example/2");
  for (const [payload, name, url] of [
    [whole, "shop", "https://shop.example/1"],
    [other, "stock", "https://shop.example/1"],
    [newer, "shop", "https://shop.example/2"],
    [whole, "shop", "https://shop.example/1"],
  ] as const)
    assert.deepEqual(toSpan(recordOf(payload)).scope, { name, version: "1", schemaUrl: url });
});

test("a span without one of its times, which Go leaves out where they are before 1970", () => {
  const all = '"startTimeUnixNano":1700000000000000001,"endTimeUnixNano":1700000001000000002';
  const start = '"startTimeUnixNano":1700000000000000001';
  const end = '"endTimeUnixNano":1700000001000000002';
  const times = (text: string) => {
    const { startTime, endTime, scope, name } = toSpan(recordOf(text));
    assert.deepEqual([scope?.name, name], ["shop", 'p<ck "é"']);
    return [startTime, endTime];
  };
  assert.deepEqual(times(whole.replace(all, start)), [[1_700_000_000, 1], undefined]);
  assert.deepEqual(times(whole.replace(all, end)), [undefined, [1_700_000_001, 2]]);
  assert.deepEqual(times(whole.replace(`,${all}`, "")), [undefined, undefined]);
  assert.deepEqual(times(whole.replace(all, `"startTimeUnixNano":7,${end}`))[0], [0, 7]);
});

test("wherever a payload is cut, what came before is there, and so are status, times and schema", () => {
  for (let filling = 59_000; filling < 61_500; filling += 7) {
    const text = 'é\\\\\\"]}'.repeat(filling / 8);
    const payload = whole
      .replace('"a\\\\"', `"${text}${"x".repeat(filling % 8)}"`)
      .replace('"events":[', `"events":[${`{"name":"${"y".repeat(600)}","timeUnixNano":5},`.repeat(20)}`);
    const span = toSpan(cutRecord(payload));
    assert.equal(span.name, 'p<ck "é"');
    assert.deepEqual(span.status, { code: 2, message: 'not "there"' });
    assert.deepEqual(
      [span.startTime, span.endTime],
      [
        [1_700_000_000, 1],
        [1_700_000_001, 2],
      ],
    );
    assert.equal(span.scope?.schemaUrl, "https://shop.example/1");
    const names = Object.keys(span.attributes);
    assert.deepEqual(
      names,
      ["text", "large", "small", "double", "list", "bytes", "map"].slice(0, names.length),
    );
  }
});

test("a span that the program couldn't encode has a name", () => {
  const span = toSpan(recordOf(""));
  assert.deepEqual([span.name, span.attributes, span.startTime], ["unknown", {}, undefined]);
});

test("what no program of Go writes makes an error or a span, and nothing worse", () => {
  const refused = [
    "[",
    "{}",
    "null",
    "1",
    '{"resourceSpans":[]}',
    '{"resourceSpans":[{"scopeSpans":[{"spans":[7]}]}]}',
  ];
  for (const text of refused) assert.throws(() => toSpan(recordOf(text)), RangeError);
  const span = (inner: string) =>
    toSpan(recordOf(`{"resourceSpans":[{"scopeSpans":[{"scope":7,"spans":[{${inner}}]}]}]}`));
  assert.equal(span('"name":7').name, "");
  assert.equal(span('"kind":77').kind, 0);
  assert.equal(span('"kind":-1').kind, 0);
  assert.deepEqual(span('"status":[]').status, { code: 0 });
  assert.deepEqual(span('"status":{"code":9}').status, { code: 0 });
  assert.deepEqual(span('"attributes":{}').attributes, {});
  assert.deepEqual(span('"attributes":[{"key":"a","value":{"constructor":7,"toString":8}}]').attributes, {});
  assert.deepEqual(span('"attributes":[null,7,{"key":"a"},{"value":{"intValue":"x"}}]').attributes, {});
  assert.equal(span('"startTimeUnixNano":-5').startTime, undefined);
  assert.deepEqual(span('"links":[null,{}]').droppedLinks, 2);
  const named = span('"attributes":[{"key":"__proto__","value":{"stringValue":"own"}}]').attributes;
  assert.deepEqual(Object.entries(named), [["__proto__", "own"]]);
  assert.equal(Object.getPrototypeOf(named), Object.prototype);
  const deep = '{"arrayValue":{"values":['.repeat(900) + "]}}".repeat(900);
  assert.ok("a" in span(`"attributes":[{"key":"a","value":${deep}}]`).attributes);
});

test("a record that says that it has more than there is", () => {
  const record = recordOf(whole);
  assert.throws(() => toSpan({ ...record, end: MadeSpanRecord.size + 10 }), RangeError);
  assert.throws(() => toSpan(recordOf(whole, 5)), RangeError);
});
