import { type Prefixes, readOpcode, readPrefixes } from "./amd64.ts";

/** Numbers that instructions call the general registers by. Intel SDM volume 2, table 3-1. */
const numbers: readonly string[] = [
  ..."AX CX DX BX SP BP SI DI".split(" "),
  ..."R8 R9 R10 R11 R12 R13 R14 R15".split(" "),
];
const [ax, dx, sp] = ["AX", "DX", "SP"].map((name) => maskOf([name])) as [number, number, number];

/** A set of general registers by their names, one bit each. Throws for other names. */
export function maskOf(names: readonly string[]): number {
  return names.reduce((mask, name) => {
    const number = numbers.indexOf(name);
    if (number < 0) throw new RangeError(`no general register ${name}`);
    return mask | (1 << number);
  }, 0);
}

/**
 * The general registers that an instruction without a branch may write, as a mask like `maskOf`; undefined when this
 * decoder doesn't know the instruction, which may then write any. `code` is the whole instruction. A write of a part
 * of a register counts as one of all.
 */
export function writtenRegisters(code: Uint8Array): number | undefined {
  const prefixes = readPrefixes(code, 0);
  const opcode = readOpcode(code, prefixes.end);
  if (opcode === undefined) return undefined;
  const does = effects.get(opcode.number);
  if (does === undefined) return undefined;
  const { end } = prefixes;
  const at = opcode.number > 0xff ? end + 2 : end + 1;
  return does({ opcode: opcode.number, modRM: code[at] ?? 0, prefixes, mandatory: mandatoryOf(code, end) });
}

interface Decoded {
  readonly opcode: number;
  readonly modRM: number;
  readonly prefixes: Prefixes;
  /** The last of 66, F2, F3 that stands before the opcode, or 0: part of the opcode of vector instructions. */
  readonly mandatory: number;
}

type Effect = (instruction: Decoded) => number | undefined;

function mandatoryOf(code: Uint8Array, end: number): number {
  const repeats = code.subarray(0, end).filter((byte) => byte === 0xf2 || byte === 0xf3);
  return repeats.at(-1) ?? (code.subarray(0, end).includes(0x66) ? 0x66 : 0);
}

const none: Effect = () => 0;

/** The register that ModRM's middle bits name. */
const reg: Effect = ({ modRM, prefixes }) => 1 << (((modRM >> 3) & 7) | ((prefixes.rex & 4) << 1));

/** What ModRM's last bits name: memory, which is no register, or a register. */
const rm: Effect = ({ modRM, prefixes }) =>
  modRM < 0xc0 ? 0 : 1 << ((modRM & 7) | ((prefixes.rex & 1) << 3));

/** The register in the opcode's own last bits. */
const inOpcode: Effect = ({ opcode, prefixes }) => 1 << ((opcode & 7) | ((prefixes.rex & 1) << 3));

/** Of one byte: without REX, numbers 4 to 7 are the second bytes of the first four registers. */
const byteReg: Effect = (instruction) => narrowed(instruction, reg(instruction));
const byteRm: Effect = (instruction) => narrowed(instruction, rm(instruction));
const byteInOpcode: Effect = (instruction) => narrowed(instruction, inOpcode(instruction));

function narrowed({ prefixes }: Decoded, mask: number | undefined): number | undefined {
  return mask !== undefined && prefixes.rex === 0 && mask >= 0x10 ? mask >> 4 : mask;
}

/** One opcode for eight instructions, by ModRM's middle bits. */
function group(...effects: readonly (Effect | undefined)[]): Effect {
  return (instruction) => effects[(instruction.modRM >> 3) & 7]?.(instruction);
}

const both =
  (one: Effect, other: Effect): Effect =>
  (instruction) =>
    (one(instruction) ?? 0) | (other(instruction) ?? 0);

const always =
  (mask: number): Effect =>
  () =>
    mask;

const multiply = always(ax | dx);
const alterOrCompare = group(rm, rm, rm, rm, rm, rm, rm, none);
const alterOrCompareByte = group(byteRm, byteRm, byteRm, byteRm, byteRm, byteRm, byteRm, none);
const shift = group(rm, rm, rm, rm, rm, rm, undefined, rm);
const shiftByte = group(byteRm, byteRm, byteRm, byteRm, byteRm, byteRm, undefined, byteRm);

/** Opcodes → what they write. What a compiler of Go writes behind a call, and not more. Intel SDM volume 2. */
const effects: ReadonlyMap<number, Effect> = new Map([
  ...arithmetic(),
  ...range(0x50, 0x57, always(sp)), // PUSH
  ...range(0x58, 0x5f, both(inOpcode, always(sp))), // POP
  ...each([0x63, 0x69, 0x6b], reg), // MOVSXD, IMUL
  ...each([0x68, 0x6a], always(sp)), // PUSH imm
  [0x80, alterOrCompareByte],
  ...each([0x81, 0x83], alterOrCompare),
  ...each([0x84, 0x85, 0xa8, 0xa9], none), // TEST
  [0x86, both(byteReg, byteRm)], // XCHG
  [0x87, both(reg, rm)],
  [0x88, byteRm], // MOV
  [0x89, rm],
  [0x8a, byteReg],
  [0x8b, reg],
  [0x8d, reg], // LEA
  [0x90, ({ prefixes, ...rest }) => (prefixes.rex & 1 ? ax | (inOpcode({ prefixes, ...rest }) ?? 0) : 0)], // NOP, XCHG
  [0x98, always(ax)], // CDQE
  [0x99, always(dx)], // CQO
  ...range(0xb0, 0xb7, byteInOpcode), // MOV imm
  ...range(0xb8, 0xbf, inOpcode),
  ...each([0xc0, 0xd0, 0xd2], shiftByte),
  ...each([0xc1, 0xd1, 0xd3], shift),
  [0xc6, group(byteRm)], // MOV imm
  [0xc7, group(rm)],
  [0xf6, group(none, none, byteRm, byteRm, always(ax), always(ax), always(ax), always(ax))],
  [0xf7, group(none, none, rm, rm, multiply, multiply, multiply, multiply)],
  [0xfe, group(byteRm, byteRm)], // INC, DEC
  [0xff, group(rm, rm, undefined, undefined, undefined, undefined, always(sp))], // INC, DEC, PUSH
  ...twoByte(),
]);

/** ADD, OR, ADC, SBB, AND, SUB, XOR and CMP: eight opcodes apart, the last writes nothing. */
function arithmetic(): readonly (readonly [number, Effect])[] {
  const forms = [byteRm, rm, byteReg, reg, always(ax), always(ax)];
  return Array.from({ length: 8 }, (_, row) =>
    forms.map((effect, form) => [row * 8 + form, row === 7 ? none : effect] as const),
  ).flat();
}

/** Behind 0F. Vector registers are none of ours, so most vector instructions write nothing. */
function twoByte(): readonly (readonly [number, Effect])[] {
  return [
    ...range(0x0f10, 0x0f17, none), // MOVUPS, MOVSS, MOVLPS …
    ...each([0x0f0d, 0x0f18, 0x0f1f], none), // PREFETCH, NOP
    ...each([0x0f28, 0x0f29, 0x0f2a, 0x0f2e, 0x0f2f], none), // MOVAPS, CVTSI2SD, UCOMISD
    ...each([0x0f2c, 0x0f2d], reg), // CVTTSD2SI
    ...range(0x0f40, 0x0f4f, reg), // CMOV
    ...each([0x0f51, ...Array.from({ length: 12 }, (_, i) => 0x0f54 + i)], none), // SQRTSD … XORPS, ADDSD …
    ...range(0x0f60, 0x0f6f, none), // PUNPCKLBW … MOVDQU
    [0x0f7e, ({ mandatory, ...rest }) => (mandatory === 0xf3 ? 0 : rm({ mandatory, ...rest }))], // MOVQ
    [0x0f7f, none],
    ...range(0x0f90, 0x0f9f, byteRm), // SET
    [0x0fa3, none], // BT
    ...each([0x0fab, 0x0fb3, 0x0fbb], rm), // BTS, BTR, BTC
    ...each([0x0fa4, 0x0fa5, 0x0fac, 0x0fad], rm), // SHLD, SHRD
    ...each([0x0faf, 0x0fb6, 0x0fb7, 0x0fb8, 0x0fbc, 0x0fbd, 0x0fbe, 0x0fbf], reg), // IMUL, MOVZX, BSF, MOVSX
    [0x0fba, group(undefined, undefined, undefined, undefined, none, rm, rm, rm)], // BT …
    ...range(0x0fc8, 0x0fcf, inOpcode), // BSWAP
    ...each([0x0fd6, 0x0fef, 0x0feb, 0x0fdb], none), // MOVQ, PXOR, POR, PAND
  ];
}

function range(first: number, last: number, effect: Effect): readonly (readonly [number, Effect])[] {
  return Array.from({ length: last - first + 1 }, (_, i) => [first + i, effect] as const);
}

function each(opcodes: readonly number[], effect: Effect): readonly (readonly [number, Effect])[] {
  return opcodes.map((opcode) => [opcode, effect] as const);
}
