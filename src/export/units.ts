import type { HrTime } from "@opentelemetry/api";

/** Nanoseconds from `start` to `end`. */
export function nanosecondsBetween(start: HrTime, end: HrTime): number {
  return (end[0] - start[0]) * 1e9 + (end[1] - start[1]);
}

const units = [
  { name: "ns", size: 1, upTo: 1e3 },
  { name: "µs", size: 1e3, upTo: 1e6 },
  { name: "ms", size: 1e6, upTo: 1e9 },
  { name: "s", size: 1e9, upTo: 60e9 },
] as const;

/** Three digits and a unit: "850 ns", "6.12 ms", "1.50 s"; from a minute on "2 m 03 s". */
export function durationText(nanoseconds: number): string {
  const unit = units.find(({ upTo, size }) => Number(roughly(nanoseconds / size)) * size < upTo);
  if (unit)
    return `${unit.size === 1 ? Math.round(nanoseconds) : roughly(nanoseconds / unit.size)} ${unit.name}`;
  const seconds = Math.round(nanoseconds / 1e9);
  return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, "0")} s`;
}

function roughly(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** Local time of day with milliseconds: "14:03:27.123". */
export function timeOfDay([seconds, nanoseconds]: HrTime): string {
  const date = new Date(seconds * 1000 + Math.floor(nanoseconds / 1e6));
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) =>
    String(part).padStart(2, "0"),
  );
  return `${parts.join(":")}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
