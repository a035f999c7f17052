import { goValue } from "./fact.ts";

/** Registers that hold the goroutine and, first to last, integer arguments and results; BPF programs read them. */
export const registers = {
  amd64: {
    g: goValue({
      arch: "amd64",
      value: "R14",
      says: { file: "src/cmd/internal/obj/x86/a.out.go", pattern: /\tREGG +=\s*REG_(\w+)/ },
      file: "src/cmd/internal/obj/x86/a.out.go",
      line: 268,
    }),
    arguments: goValue({
      arch: "amd64",
      value: "AX BX CX DI SI R8 R9 R10 R11",
      says: {
        17: { file: "src/cmd/compile/internal/ssa/gen/AMD64Ops.go", pattern: /ParamIntRegNames: +"(.*)"/ },
        20: { file: "src/cmd/compile/internal/ssa/_gen/AMD64Ops.go", pattern: /ParamIntRegNames: +"(.*)"/ },
      },
      file: "src/cmd/compile/internal/ssa/_gen/AMD64Ops.go",
      line: 1532,
    }),
  },
  arm64: {
    g: goValue({
      arch: "arm64",
      value: "R28",
      says: { file: "src/cmd/internal/obj/arm64/a.out.go", pattern: /\tREGG +=\s*REG_(\w+)/ },
      file: "src/cmd/internal/obj/arm64/a.out.go",
      line: 285,
    }),
    /** Up to Go 1.17 there are none: arguments are on the stack. */
    arguments: goValue({
      arch: "arm64",
      value: "R0 R1 R2 R3 R4 R5 R6 R7 R8 R9 R10 R11 R12 R13 R14 R15",
      says: {
        17: null,
        18: { file: "src/cmd/compile/internal/ssa/gen/ARM64Ops.go", pattern: /ParamIntRegNames: +"(.*)"/ },
        20: { file: "src/cmd/compile/internal/ssa/_gen/ARM64Ops.go", pattern: /ParamIntRegNames: +"(.*)"/ },
      },
      file: "src/cmd/compile/internal/ssa/_gen/ARM64Ops.go",
      line: 850,
    }),
  },
};
