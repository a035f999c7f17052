/**
 * The kinds of instruction that matter to a uprobe.
 *
 * The kernel emulates `push`, `jcc`, `jmp`, `call` (direct) and `nop` of one byte on amd64: such a hit costs one
 * trap. Everything else is single-stepped: two traps and about twenty times the time where this was measured.
 * arm64 simulates `branch` kinds, `call`, `call-indirect`, `jmp-indirect` and `ret`.
 */
export type InstructionKind =
  | "push"
  | "jcc"
  | "jmp"
  | "call"
  | "nop"
  | "ret"
  | "call-indirect"
  | "jmp-indirect"
  | "other";

export interface Instruction {
  readonly address: number;
  /** Bytes. */
  readonly length: number;
  readonly kind: InstructionKind;
  /** Destination of a direct jcc, jmp or call. */
  readonly target: number | undefined;
  /** True when the kernel of this architecture runs the instruction without a single step. */
  readonly emulated: boolean;
}
