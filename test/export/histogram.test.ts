import assert from "node:assert/strict";
import { test } from "node:test";
import { Histogram } from "../../src/export/histogram.ts";

test("a boundary belongs to the bucket below it", () => {
  const histogram = new Histogram([0.1, 0.5, 1]);
  for (const value of [0, 0.1, 0.100001, 0.5, 0.9, 1, 1.1, 1e9]) histogram.record(value);
  assert.deepEqual(histogram.counts, [2, 2, 2, 2]);
  assert.deepEqual([histogram.count, histogram.min, histogram.max], [8, 0, 1e9]);
});

test("without boundaries there is one bucket", () => {
  const histogram = new Histogram([]);
  histogram.record(7);
  assert.deepEqual([histogram.counts, histogram.sum], [[1], 7]);
});

test("each bucket keeps its latest exemplar", () => {
  const histogram = new Histogram([1]);
  const exemplar = (value: number) => ({
    value,
    time: [1, 2] as [number, number],
    traceId: "a",
    spanId: "b",
  });
  histogram.record(0.25, exemplar(0.25));
  histogram.record(0.5, exemplar(0.5));
  histogram.record(0.75);
  histogram.record(3, exemplar(3));
  assert.deepEqual(
    histogram.exemplars.map((found) => found?.value),
    [0.5, 3],
  );
});
