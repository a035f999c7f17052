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
    _panic: { bytes: 8, line: 483 },
    goid: { bytes: 8, line: 507 },
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
