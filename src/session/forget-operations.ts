/** What is left of operations that were cut off, in the tables that all libraries of a target share. */
import { MadeSpan } from "../generated/shared.ts";
import type { BpfMap } from "../kernel/index.ts";
import type { Left } from "./library-switch.ts";

/** Tables by goroutine, whose entries begin with a span's ids: ebpf/include/open_span.h. */
const byGoroutine = ["open_spans", "open_requests", "goroutine_spans"];

/** A span that is not sent must be nobody's parent. Those of other operations on the same goroutine stay. */
export function forgetOperations(left: Left, mapOf: (name: string) => BpfMap | undefined): void {
  for (const map of byGoroutine.map(mapOf))
    for (const { goid, ids } of left)
      if (map?.lookup(goid)?.subarray(0, ids.length).equals(ids)) map.delete(goid);
}

const made = new MadeSpan();

/** The same of spans that the application has made, by the library that told of them. */
export function forgetMadeSpans(library: number, spans: BpfMap | undefined): void {
  for (const address of spans?.keys(spans.info.maxEntries) ?? []) {
    const value = spans?.lookup(address);
    if (value && made.load({ buffer: value, start: 0, end: value.length }).library === library)
      spans?.delete(address);
  }
}

/**
 * What goroutines have served before: from a time on in which not all of it is seen, nobody can tell any more which of
 * two requests has started a goroutine.
 */
export function forgetEnded(ended: BpfMap | undefined): void {
  for (const goid of ended?.keys(ended.info.maxEntries) ?? []) ended?.delete(goid);
}
