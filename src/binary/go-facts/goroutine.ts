import { goStruct } from "./fact.ts";

const file = "src/runtime/runtime2.go";

/** Offsets without a number here are asked of each binary: see src/libraries/go-fields.ts. */
export const g = goStruct({
  struct: "runtime.g",
  file,
  line: 471,
  fields: {
    /** What a function's first instruction compares: see src/plan/site-prologue.ts. */
    stackguard0: { at: 16, bytes: 8, line: 480 },
    stack: { bytes: 16, line: 479 },
    _panic: { bytes: 8, line: 483 },
    m: { bytes: 8, line: 485 },
    sched: { bytes: { 17: 56, 25: 48 }, line: 486 },
    goid: { bytes: 8, line: 507 },
    startpc: { bytes: 8, line: 559 },
    parentGoid: { bytes: { 17: null, 21: 8 }, line: 556 },
  },
});

export const panic = goStruct({
  struct: "runtime._panic",
  file,
  line: 1175,
  fields: {
    arg: { bytes: 16, line: 1176 },
    goexit: { bytes: 1, line: 1199 },
  },
});

export const stack = goStruct({
  struct: "runtime.stack",
  file,
  line: 460,
  fields: { hi: { at: 8, bytes: 8, line: 462 } },
});

/** Where a goroutine went on when it was last interrupted, or will when it goes on. */
export const gobuf = goStruct({
  struct: "runtime.gobuf",
  file,
  line: 303,
  fields: { sp: { at: 0, bytes: 8, line: 314 } },
});

export const m = goStruct({
  struct: "runtime.m",
  file,
  line: 616,
  fields: { p: { bytes: 8, line: 642 } },
});

/** A processor of the scheduler, and the goroutine ids that it has left of its batch. */
export const p = goStruct({
  struct: "runtime.p",
  file,
  line: 774,
  fields: { goidcache: { bytes: 8, line: 801 }, goidcacheend: { bytes: 8, line: 802 } },
});
