import { goValue } from "./fact.ts";

/**
 * How functions start: src/plan/site-prologue.ts has the patterns, of what `stacksplit` writes. The goroutine's
 * register is in registers.ts, the offset of its stackguard0 in goroutine.ts.
 */
export const stackCheck = {
  amd64: goValue({
    arch: "amd64",
    value: "stacksplit",
    says: { file: "src/cmd/internal/obj/x86/obj6.go", pattern: /\nfunc (stacksplit)\(/ },
    file: "src/cmd/internal/obj/x86/obj6.go",
    line: 914,
  }),
  arm64: goValue({
    arch: "arm64",
    value: "stacksplit",
    says: { file: "src/cmd/internal/obj/arm64/obj7.go", pattern: /\nfunc \(c \*ctxt7\) (stacksplit)\(/ },
    file: "src/cmd/internal/obj/arm64/obj7.go",
    line: 67,
  }),
};

/** Registers that the check writes; none of them holds an argument. */
export const scratch = {
  amd64: {
    frameEnd: goValue({
      arch: "amd64",
      value: "R12",
      says: { file: "src/cmd/internal/obj/x86/a.out.go", pattern: /\tREGENTRYTMP0 += REG_(\w+)/ },
      file: "src/cmd/internal/obj/x86/a.out.go",
      line: 266,
    }),
  },
  arm64: {
    guard: goValue({ ...armRegister("REGRT1"), value: "R16", line: 278 }),
    frameEnd: goValue({ ...armRegister("REGRT2"), value: "R17", line: 279 }),
    /** For constants that fit in no instruction. */
    constant: goValue({ ...armRegister("REGTMP"), value: "R27", line: 284 }),
  },
};

function armRegister(name: string) {
  const file = "src/cmd/internal/obj/arm64/a.out.go";
  return { arch: "arm64", says: { file, pattern: new RegExp(`\\t${name} += REG_(\\w+)`) }, file } as const;
}
