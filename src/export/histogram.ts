import type { Exemplar } from "./metrics-types.ts";

/** Values by size. What it holds are the live numbers. */
export class Histogram {
  readonly boundaries: readonly number[];
  /** Values in each bucket: up to its boundary, which belongs to it; behind the last boundary is one more. */
  readonly counts: number[];
  /** The latest of each bucket. */
  readonly exemplars: (Exemplar | undefined)[] = [];
  count = 0;
  sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;

  /** `boundaries` in ascending order. */
  constructor(boundaries: readonly number[]) {
    this.boundaries = boundaries;
    this.counts = new Array(boundaries.length + 1).fill(0);
  }

  /** `exemplar` tells of the span that the value was measured of, when there is one that others can see. */
  record(value: number, exemplar?: Exemplar): void {
    const bucket = this.#bucketOf(value);
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.count++;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (exemplar !== undefined) this.exemplars[bucket] = exemplar;
  }

  /** There are few boundaries, and most values are small. */
  #bucketOf(value: number): number {
    const { boundaries } = this;
    let bucket = 0;
    while (bucket < boundaries.length && value > (boundaries[bucket] ?? 0)) bucket++;
    return bucket;
  }
}
