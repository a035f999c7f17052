import type { Architecture } from "../binary/types.ts";

/** True for the bytes of the instruction that a prologue has at this place. */
export type InstructionPattern = (bytes: Uint8Array) => boolean;

/** One way in which a function starts. */
export interface Prologue {
  readonly instructions: readonly InstructionPattern[];
  /** Index of the instruction that a probe goes on. */
  readonly site: number;
}

export type Prologues = Readonly<Record<Architecture, readonly Prologue[]>>;

/**
 * How Go's compiler starts functions: stack check, then frame. Written down from `preprocess` and `stacksplit`, where
 * src/binary/go-facts/prologue.ts says that they are; none of them writes a register that holds an argument.
 */
export const prologues: Prologues = {
  amd64: amd64Prologues(),
  arm64: arm64Prologues(),
};

/**
 * The same of methods that it makes for pointers to a type. On amd64 they have no stack check where they call nothing
 * but what panics: then, up to Go 1.20, the site is the branch on whether a panic goes on, with which they begin.
 */
export const wrapperPrologues: Prologues = {
  amd64: [...amd64Prologues(), amd64Wrapper()],
  arm64: arm64Prologues(),
};

/**
 * The site is PUSHQ BP, which a call reaches once: a stack that grows goes back to the start before it. Up to
 * Go 1.20 the frame begins with a subtraction, which the kernel would single-step: there it is the check's JLS.
 */
function amd64Prologues(): readonly Prologue[] {
  const compareSP = hexPattern(/^493b6610$/); // CMPQ SP, 16(R14)
  const frameEnd = hexPattern(/^4c8d(6424..|a424.{8})$/); // LEAQ -n(SP), R12
  const copySP = hexPattern(/^4989e4$/); // MOVQ SP, R12
  const subtract = hexPattern(/^4981ec.{8}$/); // SUBQ $n, R12
  const compare = hexPattern(/^4d3b6610$/); // CMPQ R12, 16(R14)
  const ifBelow = hexPattern(/^(72..|0f82.{8})$/); // JCS morestack
  const ifNotAbove = hexPattern(/^(76..|0f86.{8})$/); // JLS morestack
  const push = hexPattern(/^55$/); // PUSHQ BP
  const makeFrame = hexPattern(/^(4883ec..|4881ec.{8}|4883c480)$/); // SUBQ $n, SP; ADDQ $-128, SP
  const checks = [
    [compareSP, ifNotAbove],
    [frameEnd, compare, ifNotAbove],
    [copySP, subtract, ifBelow, compare, ifNotAbove],
  ];
  return [
    ...checks.map((check) => ({ instructions: [...check, push], site: check.length })),
    ...checks.map((check) => ({ instructions: [...check, makeFrame], site: check.length - 1 })),
    { instructions: [push], site: 0 }, // nosplit
  ];
}

function amd64Wrapper(): Prologue {
  const instructions = [
    hexPattern(/^4883ec08$/), // SUBQ $8, SP
    hexPattern(/^48892c24$/), // MOVQ BP, 0(SP)
    hexPattern(/^488d2c24$/), // LEAQ 0(SP), BP
    hexPattern(/^4d8b66..$/), // MOVQ g._panic, R12
    hexPattern(/^4d85e4$/), // TESTQ R12, R12
    hexPattern(/^(75..|0f85.{8})$/), // JNE
  ];
  return { instructions, site: instructions.length - 1 };
}

/** The site is B.LS: nothing behind it up to the body is simulated by the kernel. A nosplit function has none. */
function arm64Prologues(): readonly Prologue[] {
  const loadGuard = wordPattern(0xffffffff, 0xf9400b90); // MOVD 16(g), R16
  const compareSP = wordPattern(0xffffffff, 0xeb3063ff); // CMP R16, RSP
  const copySP = wordPattern(0xffffffff, 0x910003f1); // MOVD RSP, R17
  const frameEnd = wordPattern(0xff8003ff, 0xd10003f1); // SUB $n, RSP, R17
  const compare = wordPattern(0xffffffff, 0xeb10023f); // CMP R16, R17
  const ifNotAbove = wordPattern(0xff00001f, 0x54000009); // BLS morestack
  const move = wordPattern(0x9f80001f, 0x9280001b); // MOVZ, MOVN, MOVK or ORR $n, R27
  const subtract = wordPattern(0xffffffff, 0xeb3b63f1); // SUBS R27, RSP, R17
  const ifBelow = wordPattern(0xff00001f, 0x54000003); // BLO morestack
  const huge = [subtract, ifBelow, compare, ifNotAbove];
  const checks = [
    [loadGuard, compareSP, ifNotAbove],
    [loadGuard, copySP, compare, ifNotAbove], // up to Go 1.18
    [loadGuard, frameEnd, compare, ifNotAbove],
    [loadGuard, move, ...huge],
    [loadGuard, move, move, ...huge],
  ];
  return checks.map((check) => ({ instructions: check, site: check.length - 1 }));
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
