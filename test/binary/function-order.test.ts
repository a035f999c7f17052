import assert from "node:assert/strict";
import { test } from "node:test";
import { indexInOrder } from "../../src/binary/functions/order.ts";

test("finds each function by the offset of its name, however many there are", () => {
  for (const count of [1, 2, 15, 16, 17, 18, 33, 1000]) {
    const offsets = Array.from({ length: count }, (_, i) => i * 10);
    for (const [i, offset] of offsets.entries())
      assert.equal(
        indexInOrder(offset, count, (at) => offsets[at] ?? Number.NaN),
        i,
      );
    assert.equal(
      indexInOrder(5, count, (at) => offsets[at] ?? Number.NaN),
      undefined,
    );
  }
});

test("functions that were inlined earlier don't lead astray", () => {
  // Every third function has a name that stands far before it.
  const offsets = Array.from({ length: 3000 }, (_, i) => (i % 3 === 2 ? i : 10_000 + i * 10));
  for (const [i, offset] of offsets.entries())
    if (i % 3 !== 2)
      assert.equal(
        indexInOrder(offset, offsets.length, (at) => offsets[at] ?? Number.NaN),
        i,
      );
});
