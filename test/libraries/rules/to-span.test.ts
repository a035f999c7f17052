// Values of a rule's attributes, whose names may be any, also those that every object of JavaScript has.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SpanKind } from "@opentelemetry/api";
import { RuleRecord } from "../../../src/generated/libraries/rules.ts";
import { rulesLibrary } from "../../../src/libraries/rules/library.ts";

const names = ["constructor", "__proto__", "toString"];

const library = rulesLibrary(() => ({
  name: "main.f",
  spanName: names.map((name) => `${name}={${name}}`).join(" "),
  kind: SpanKind.INTERNAL,
  values: names.map((attribute) => ({ attribute, kind: "int", size: 8 }) as const),
}));

/** Where a record has a field, found by what reads it. */
function placeOf(isThere: (record: RuleRecord) => boolean): number {
  return Array.from({ length: RuleRecord.size }, (_, at) => at).find((at) => {
    const buffer = Buffer.alloc(RuleRecord.size);
    buffer[at] = 1;
    return isThere(new RuleRecord().load({ buffer, start: 0, end: buffer.length }));
  }) as number;
}

const presentAt = placeOf(({ present }) => present === 1);
const valuesAt = placeOf(({ values }) => values.startsWith("01"));

function spanWith(present: number) {
  const buffer = Buffer.alloc(RuleRecord.size);
  buffer[presentAt] = present;
  const facts = { typeName: () => undefined } as never;
  return library.toSpan?.({ buffer, start: 0, end: buffer.length }, facts);
}

test("values that weren't there leave nothing in the name, whatever they are called", () => {
  assert.equal(spanWith(0)?.name, "constructor= __proto__= toString=");
  assert.deepEqual(Object.entries(spanWith(0)?.attributes ?? {}), [["code.function.name", "main.f"]]);
});

test("those that were are there under their names", () => {
  const span = spanWith(0b111);
  assert.equal(span?.name, "constructor=0 __proto__=0 toString=0");
  assert.deepEqual(Object.entries(span?.attributes ?? {}), [
    ["code.function.name", "main.f"],
    ...names.map((name) => [name, 0]),
  ]);
});

test("of a text that was cut no half of a character is left", () => {
  const texts = rulesLibrary(() => ({
    name: "main.f",
    spanName: "f",
    kind: SpanKind.INTERNAL,
    values: [{ attribute: "text", kind: "text", size: 0 }],
  }));
  const told = (text: Buffer) => {
    const buffer = Buffer.concat([Buffer.alloc(RuleRecord.size), text]);
    buffer[presentAt] = 1;
    buffer.writeUInt16LE(text.length, valuesAt + 2);
    const facts = { typeName: () => undefined } as never;
    return texts.toSpan?.({ buffer, start: 0, end: buffer.length }, facts)?.attributes.text;
  };
  assert.equal(told(Buffer.from(`a${"é".repeat(200)}`).subarray(0, 256)), `a${"é".repeat(127)}`);
  assert.equal(told(Buffer.from([0x61, 0xff])), "a\ufffd");
});
