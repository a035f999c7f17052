import { Counter } from "../generated/shared.ts";
import type { BpfMap } from "../kernel/index.ts";

/** What the BPF programs count: ebpf/include/counters.h. */
export type Counts = Record<keyof typeof Counter, number>;

const names = Object.keys(Counter) as (keyof typeof Counter)[];

/** The counters of one library, summed over the CPUs. */
export function readCounters(counters: BpfMap, libraryId: number): Counts {
  const entries = names.map((name) => [
    name,
    readCounter(counters, libraryId * names.length + Counter[name]),
  ]);
  return Object.fromEntries(entries) as Counts;
}

/** Operations that began and have no outcome yet. */
export function inFlight(counts: Counts): number {
  const { unsampled, leftOut, overLimit, tracedByApplication } = counts;
  const { submitted, ringFull, inFlightFull, superseded, unreadable } = counts;
  const lost = ringFull + inFlightFull + superseded + unreadable;
  return counts.started - (submitted + unsampled + leftOut + overLimit + tracedByApplication + lost);
}

export function sumCounts(all: readonly Counts[]): Counts {
  const sum = (name: keyof Counts) => all.reduce((total, counts) => total + counts[name], 0);
  return Object.fromEntries(names.map((name) => [name, sum(name)])) as Counts;
}

/** More than 0 as soon as anything has been counted. */
export function allCounts(counts: Counts): number {
  return names.reduce((total, name) => total + counts[name], 0);
}

function readCounter(counters: BpfMap, index: number): number {
  const key = Buffer.alloc(4);
  key.writeUInt32LE(index);
  const values = counters.lookup(key) ?? Buffer.alloc(0);
  let sum = 0;
  for (let at = 0; at < values.length; at += 8) sum += Number(values.readBigUInt64LE(at));
  return sum;
}
