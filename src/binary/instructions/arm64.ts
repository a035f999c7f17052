import type { Instruction, InstructionKind } from "./instruction.ts";

/** Arm Architecture Reference Manual (DDI 0487), C4.1: a form is known by the bits under a mask. */
interface Form {
  readonly mask: number;
  readonly bits: number;
  readonly kind: InstructionKind;
  /** Lowest bit and width of the signed offset, counted in instructions. */
  readonly offset?: readonly [low: number, width: number];
  /** As arch/arm64/kernel/probes/decode-insn.c decides; a NOP is run without a step by recent kernels only. */
  readonly simulated: boolean;
}

const forms: readonly Form[] = [
  { mask: 0xfc000000, bits: 0x14000000, kind: "jmp", offset: [0, 26], simulated: true }, // B
  { mask: 0xfc000000, bits: 0x94000000, kind: "call", offset: [0, 26], simulated: true }, // BL
  { mask: 0xff000010, bits: 0x54000000, kind: "jcc", offset: [5, 19], simulated: true }, // B.cond
  { mask: 0x7e000000, bits: 0x34000000, kind: "jcc", offset: [5, 19], simulated: true }, // CBZ, CBNZ
  { mask: 0x7e000000, bits: 0x36000000, kind: "jcc", offset: [5, 14], simulated: true }, // TBZ, TBNZ
  { mask: 0xfffffc1f, bits: 0xd61f0000, kind: "jmp-indirect", simulated: true }, // BR
  { mask: 0xfffffc1f, bits: 0xd63f0000, kind: "call-indirect", simulated: true }, // BLR
  { mask: 0xfffffc1f, bits: 0xd65f0000, kind: "ret", simulated: true }, // RET
  { mask: 0x1f000000, bits: 0x10000000, kind: "other", simulated: true }, // ADR, ADRP
  { mask: 0xbf000000, bits: 0x18000000, kind: "other", simulated: true }, // LDR literal
  { mask: 0xff000000, bits: 0x98000000, kind: "other", simulated: true }, // LDRSW literal
  { mask: 0xffffffff, bits: 0xd503201f, kind: "nop", simulated: false }, // NOP
];

const instructionLength = 4;

/** The instruction that starts at `at` in `code`, or undefined when it is cut off. */
export function decodeArm64(code: Uint8Array, at: number, address: number): Instruction | undefined {
  if (at + instructionLength > code.length) return undefined;
  const word = new DataView(code.buffer, code.byteOffset, code.byteLength).getUint32(at, true);
  const form = forms.find(({ mask, bits }) => (word & mask) >>> 0 === bits);
  return {
    address,
    length: instructionLength,
    kind: form?.kind ?? "other",
    target: form?.offset && address + signedField(word, ...form.offset) * instructionLength,
    emulated: form?.simulated ?? false,
  };
}

function signedField(word: number, low: number, width: number): number {
  return (word << (32 - low - width)) >> (32 - width);
}
