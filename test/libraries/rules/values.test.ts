import assert from "node:assert/strict";
import test from "node:test";
import { RuleRecord } from "../../../src/generated/libraries/rules.ts";
import type { RuledValue } from "../../../src/libraries/rules/ruled-function.ts";
import { readValues } from "../../../src/libraries/rules/values.ts";
import { Double } from "../../../src/libraries/span-parts.ts";
import { factsWith, recordOf } from "../support/records.ts";

/** One value of each, as the kernel's program has copied its eight bytes. */
function read(t: test.TestContext, all: readonly (readonly [Omit<RuledValue, "attribute">, bigint])[]) {
  const numbers = Buffer.alloc(64);
  for (const [index, [, bits]] of all.entries())
    numbers.writeBigUInt64LE(BigInt.asUintN(64, bits), index * 8);
  const present = (1 << all.length) - 1;
  const record = recordOf(t, RuleRecord, { numbers: numbers.toString("hex"), present });
  const values = all.map(([value], index) => ({ ...value, attribute: String(index) }));
  return Object.values(readValues(values, new RuleRecord().load(record), record, factsWith({})));
}

function bitsOf(double: number): bigint {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(double);
  return bytes.readBigUInt64LE();
}

test("a fraction stays one also where it has none", (t) => {
  const double = { kind: "float", size: 8 } as const;
  const found = read(t, [
    [double, bitsOf(2.5)],
    [double, bitsOf(3)],
    [double, bitsOf(0)],
    [{ kind: "float", size: 4 }, 0x4040_0000n],
  ]);
  assert.deepEqual(found, [new Double(2.5), new Double(3), new Double(0), new Double(3)]);
});

test("whole numbers of 64 bits stay whole numbers, but those that no span can hold", (t) => {
  const [int, uint] = [
    { kind: "int", size: 8 },
    { kind: "uint", size: 8 },
  ] as const;
  const found = read(t, [
    [int, -5n],
    [int, 2n ** 60n + 1n],
    [int, -(2n ** 63n)],
    [uint, 2n ** 63n - 1n],
    [uint, 2n ** 63n],
  ]);
  assert.deepEqual(found, [-5, 2n ** 60n + 1n, -(2n ** 63n), 2n ** 63n - 1n, "9223372036854775808"]);
});
