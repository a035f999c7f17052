import type { Reading } from "./metrics-data.ts";

/**
 * What one request may weigh, as a gRPC server takes 4 MiB at once: 10,000 numbers of 130 bytes with two attributes each,
 * or 1,000 histograms of 1.2 kB with an exemplar in each of 15 buckets.
 */
const maxWeight = 10_000;
const weightOf = ({ kind }: Reading) => (kind === "histogram" ? 10 : 1);

/** The readings as the requests that they are sent in. */
export function partsOf(readings: readonly Reading[]): readonly (readonly Reading[])[] {
  const parts: Reading[][] = [];
  let weight = maxWeight;
  for (const reading of readings) {
    weight += weightOf(reading);
    if (weight > maxWeight) {
      parts.push([]);
      weight = weightOf(reading);
    }
    parts.at(-1)?.push(reading);
  }
  return parts;
}
