import assert from "node:assert/strict";
import test from "node:test";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { JsonPayloadBuilder } from "../../src/export/json.ts";
import { Double } from "../../src/libraries/span-parts.ts";
import type { SpanRecord } from "../../src/spans/types.ts";
import { toReadableSpan } from "./support/readable-span.ts";
import { event, link } from "./support/records.ts";

const shop = resourceFromAttributes(
  { "service.name": "shop", "process.pid": 7 },
  { schemaUrl: "https://example.com/1" },
);
const other = resourceFromAttributes({ "service.name": "other" });
const scope = { name: "otel-go-auto/net/http/server", version: "1.2.3", schemaUrl: "https://example.com/2" };

const span: SpanRecord = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  parentSpanId: "00f067aa0ba902b7",
  parentIsRemote: true,
  traceFlags: 1,
  traceState: "vendor=1",
  name: 'GET "/ü"\u0000',
  kind: 1,
  startTime: [1700000000, 5],
  endTime: [1700000001, 999999999],
  attributes: { text: "ü", whole: 2 ** 40, fraction: 0.5, yes: true, list: ["a", "b"] },
  droppedAttributes: 300,
  status: { code: 2, message: "panic: boom" },
  scope,
  resource: shop,
};
const root: SpanRecord = {
  ...span,
  parentSpanId: undefined,
  parentIsRemote: false,
  traceState: undefined,
  droppedAttributes: 0,
  status: { code: 0 },
};

const isNothingDropped = (key: string, count: unknown) => key.startsWith("dropped") && count === "0";

const isEmpty = (key: string, list: unknown) =>
  /^events$|^links$/.test(key) && Array.isArray(list) && list.length === 0;

/** 64-bit numbers may be numbers or texts, and attributes stand in any order. */
function normalized(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalized);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => {
    const number = key === "intValue" || key.endsWith("Count") ? String(each) : normalized(each);
    return [key, number] as const;
  });
  return Object.fromEntries(
    entries.filter(
      ([key, each]) => !isEmpty(key, each) && !isNothingDropped(key, each) && each !== undefined,
    ),
  );
}

function ours(spans: readonly SpanRecord[]): unknown {
  const builder = new JsonPayloadBuilder();
  for (const each of spans) builder.append(each);
  const { items: count, bytes } = builder.finish();
  assert.equal(count, spans.length);
  assert.deepEqual([builder.spans, builder.size], [0, 0]);
  return normalized(JSON.parse(Buffer.from(bytes).toString()));
}

function theirs(spans: readonly SpanRecord[]): unknown {
  const bytes = JsonTraceSerializer.serializeRequest(spans.map(toReadableSpan)) ?? new Uint8Array();
  const request = JSON.parse(Buffer.from(bytes).toString());
  // It repeats the schema inside of the resource, where OTLP has no such field.
  for (const { resource, scopeSpans } of request.resourceSpans) {
    delete resource.schemaUrl;
    // And it says of every link that what it leads to is not remote, which nobody knows here.
    for (const { spans } of scopeSpans)
      for (const { links } of spans) for (const each of links ?? []) each.flags &= 0xff;
  }
  return normalized(request);
}

test("the JSON says what OpenTelemetry's own serializer says", () => {
  const spans = [span, root, { ...span, resource: other }, { ...root, scope: { name: "another" } }];
  assert.deepEqual(ours(spans), theirs(spans));
});

test("events and links", () => {
  const spans = [
    { ...span, events: [event, { ...event, name: '"é"', droppedAttributes: 0 }], droppedEvents: 1 },
    {
      ...root,
      links: [
        { ...link, droppedAttributes: 7 },
        { ...link, traceFlags: 0 },
      ],
      droppedLinks: 2,
    },
    { ...root, events: [event], links: [link] },
  ];
  assert.deepEqual(ours(spans), theirs(spans));
});

test("values that only an application sets", () => {
  const attributes = {
    large: 2n ** 63n - 1n,
    whole: new Double(5),
    endless: new Double(-Infinity),
    none: new Double(Number.NaN),
    bytes: Uint8Array.of(0, 255),
    mixed: [1, "a", new Double(2), [true]],
    map: new Map([["a", 1]]),
  };
  const builder = new JsonPayloadBuilder();
  builder.append({ ...span, attributes });
  const request = JSON.parse(Buffer.from(builder.finish().bytes).toString());
  assert.deepEqual(request.resourceSpans[0].scopeSpans[0].spans[0].attributes, [
    { key: "large", value: { intValue: "9223372036854775807" } },
    { key: "whole", value: { doubleValue: 5 } },
    { key: "endless", value: { doubleValue: "-Infinity" } },
    { key: "none", value: { doubleValue: "NaN" } },
    { key: "bytes", value: { bytesValue: "AP8=" } },
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
    { key: "map", value: { kvlistValue: { values: [{ key: "a", value: { intValue: "1" } }] } } },
  ]);
});

test("a payload holds only what came since the last one", () => {
  const builder = new JsonPayloadBuilder();
  builder.append(span);
  builder.finish();
  builder.append({ ...root, resource: other });
  const { resourceSpans } = JSON.parse(Buffer.from(builder.finish().bytes).toString());
  assert.equal(resourceSpans.length, 1);
  assert.deepEqual(resourceSpans[0].resource.attributes, [
    { key: "service.name", value: { stringValue: "other" } },
  ]);
});
