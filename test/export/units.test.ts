import assert from "node:assert/strict";
import { test } from "node:test";
import { durationText, nanosecondsBetween } from "../../src/export/units.ts";

const durations: [number, string][] = [
  [0, "0 ns"],
  [999, "999 ns"],
  [1000, "1.00 µs"],
  [999_499, "999 µs"],
  [999_500, "1.00 ms"],
  [6_120_000, "6.12 ms"],
  [9_994_000, "9.99 ms"],
  [9_995_000, "10.0 ms"],
  [99_949_000, "99.9 ms"],
  [99_950_000, "100 ms"],
  [999_600_000, "1.00 s"],
  [1_500_000_000, "1.50 s"],
  [59_940_000_000, "59.9 s"],
  [59_960_000_000, "1 m 00 s"],
  [123_400_000_000, "2 m 03 s"],
  [3_600_000_000_000, "60 m 00 s"],
];

for (const [nanoseconds, text] of durations) {
  test(`${nanoseconds} ns is "${text}"`, () => assert.equal(durationText(nanoseconds), text));
}

test("between two times, also over a second's end", () => {
  assert.equal(nanosecondsBetween([5, 999_999_999], [6, 1]), 2);
  assert.equal(nanosecondsBetween([6, 1], [5, 999_999_999]), -2);
});
