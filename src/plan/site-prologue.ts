import type { Architecture } from "../binary/types.ts";

/** True for the bytes of the instruction that a prologue has at this place. */
export type InstructionPattern = (bytes: Uint8Array) => boolean;

/**
 * How Go's compiler starts functions: stack check, then frame. Written down from cmd/internal/obj/x86/obj6.go and
 * cmd/internal/obj/arm64/obj7.go, `stacksplit`. The last instruction of each is the one a probe goes on. None of
 * them writes a register that holds an argument: they use R12 on amd64, and R16, R17 and R27 on arm64.
 */
export const prologues: Readonly<Record<Architecture, readonly (readonly InstructionPattern[])[]>> = {
  amd64: amd64Prologues(),
  arm64: arm64Prologues(),
};

/** Ends on PUSHQ BP, which a call reaches once: a stack that grows goes back to the start before it. */
function amd64Prologues(): readonly (readonly InstructionPattern[])[] {
  const compareSP = hexPattern(/^493b6610$/); // CMPQ SP, 16(R14)
  const frameEnd = hexPattern(/^4c8d(6424..|a424.{8})$/); // LEAQ -n(SP), R12
  const copySP = hexPattern(/^4989e4$/); // MOVQ SP, R12
  const subtract = hexPattern(/^4981ec.{8}$/); // SUBQ $n, R12
  const compare = hexPattern(/^4d3b6610$/); // CMPQ R12, 16(R14)
  const ifBelow = hexPattern(/^(72..|0f82.{8})$/); // JCS morestack
  const ifNotAbove = hexPattern(/^(76..|0f86.{8})$/); // JLS morestack
  const push = hexPattern(/^55$/); // PUSHQ BP
  return [
    [compareSP, ifNotAbove, push],
    [frameEnd, compare, ifNotAbove, push],
    [copySP, subtract, ifBelow, compare, ifNotAbove, push],
    [push], // nosplit
  ];
}

/** Ends on B.LS: nothing behind it up to the body is simulated by the kernel. A nosplit function has none. */
function arm64Prologues(): readonly (readonly InstructionPattern[])[] {
  const loadGuard = wordPattern(0xffffffff, 0xf9400b90); // MOVD 16(g), R16
  const compareSP = wordPattern(0xffffffff, 0xeb3063ff); // CMP R16, RSP
  const frameEnd = wordPattern(0xff8003ff, 0xd10003f1); // SUB $n, RSP, R17
  const compare = wordPattern(0xffffffff, 0xeb10023f); // CMP R16, R17
  const ifNotAbove = wordPattern(0xff00001f, 0x54000009); // BLS morestack
  const move = wordPattern(0x9f80001f, 0x9280001b); // MOVZ, MOVN, MOVK or ORR $n, R27
  const subtract = wordPattern(0xffffffff, 0xeb3b63f1); // SUBS R27, RSP, R17
  const ifBelow = wordPattern(0xff00001f, 0x54000003); // BLO morestack
  const huge = [subtract, ifBelow, compare, ifNotAbove];
  return [
    [loadGuard, compareSP, ifNotAbove],
    [loadGuard, frameEnd, compare, ifNotAbove],
    [loadGuard, move, ...huge],
    [loadGuard, move, move, ...huge],
  ];
}

function hexPattern(pattern: RegExp): InstructionPattern {
  return (bytes) => pattern.test(Buffer.from(bytes).toString("hex"));
}

function wordPattern(mask: number, bits: number): InstructionPattern {
  return (bytes) => {
    const word = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
    return (word & mask) >>> 0 === bits;
  };
}
