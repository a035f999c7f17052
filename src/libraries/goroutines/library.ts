import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { GoroutineRecord } from "../../generated/libraries/goroutines.ts";
import type { Library } from "../descriptor.ts";
import { goroutineFields, openSpanFields, returnFields } from "../go-fields.ts";

export const goroutinesPath = "goroutines";

/** Programs of ebpf/libraries/goroutines. */
export const goroutinePrograms = { start: "goroutine_entered", end: "goroutine_returned" } as const;

/**
 * What a library is, for goroutines that requests start: which functions they begin with shows while the program runs.
 * `nameAt` gives the name of one by its address in the target's memory.
 */
export function goroutinesLibrary(nameAt: (address: number) => string | undefined): Library {
  const record = new GoroutineRecord();
  return {
    path: goroutinesPath,
    name: goroutinesPath,
    module: "std",
    // Before, a goroutine doesn't know who has started it.
    since: "1.21",
    usedBy: ["runtime.goexit"],
    fields: { ...goroutineFields, ...returnFields, ...openSpanFields },
    maps: {},
    itabs: {},
    code: { goexit: "runtime.goexit" },
    probes: [],
    needsOthers: true,
    toSpan(bytes) {
      const { function: address } = record.load(bytes);
      const name = nameAt(address);
      if (name === undefined)
        throw new RangeError("a record of a goroutine that began with no known function");
      return {
        name: `go ${name}`,
        kind: SpanKind.INTERNAL,
        attributes: { "code.function.name": name },
        status: { code: SpanStatusCode.UNSET },
        traceState: undefined,
      };
    },
  };
}
