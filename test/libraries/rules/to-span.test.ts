// Attributes of a rule may have any name, also one that every object of JavaScript has.
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

/** Where a record tells which of its values were read, found by what reads it. */
const presentAt = Array.from({ length: RuleRecord.size }, (_, at) => at).findLast((at) => {
  const buffer = Buffer.alloc(RuleRecord.size);
  buffer[at] = 1;
  return new RuleRecord().load({ buffer, start: 0, end: buffer.length }).present === 1;
}) as number;

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
