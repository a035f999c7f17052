import { oneByteMap, twoByteMap, vectorMap1 } from "./amd64-opcodes.ts";
import type { Instruction, InstructionKind } from "./instruction.ts";

/** An instruction is never longer, whatever its prefixes. Intel SDM volume 2, 2.3.11. */
const maxLength = 15;

/** The instruction that starts at `at` in `code`, or undefined when it is unknown or cut off. */
export function decodeAmd64(code: Uint8Array, at: number, address: number): Instruction | undefined {
  const prefixes = readPrefixes(code, at);
  const opcode = readOpcode(code, prefixes.end);
  if (opcode === undefined) return undefined;
  const end = endOf(code, opcode, prefixes);
  const length = end - at;
  if (end > code.length || length > maxLength) return undefined;
  const kind = kindOf(code, opcode, prefixes.end, length);
  return {
    address,
    length,
    kind,
    target: targetOf(code, opcode, end, address + length),
    emulated: isEmulated(kind, prefixes, opcode, length),
  };
}

export interface Prefixes {
  readonly end: number;
  readonly operandSize16: boolean;
  readonly addressSize32: boolean;
  /** 0 when there is none. */
  readonly rex: number;
}

export function readPrefixes(code: Uint8Array, start: number): Prefixes {
  let at = start;
  let operandSize16 = false;
  let addressSize32 = false;
  let rex = 0;
  for (; at - start < maxLength; at++) {
    const byte = code[at] ?? 0;
    const form = oneByteMap[byte];
    if (form !== "p" && form !== "r") break;
    if (byte === 0x66) operandSize16 = true;
    if (byte === 0x67) addressSize32 = true;
    rex = form === "r" ? byte : 0; // a REX before another prefix counts for nothing
  }
  return { end: at, operandSize16, addressSize32, rex };
}

export interface Opcode {
  /** Letter of the opcode maps. */
  readonly form: string;
  /** Escape bytes and opcode as one number for the maps that hold branches: 0x74, 0x0f84; else -1. */
  readonly number: number;
  /** Index of the byte behind the opcode. */
  readonly end: number;
}

export function readOpcode(code: Uint8Array, at: number): Opcode | undefined {
  const first = code[at] ?? -1;
  const second = code[at + 1] ?? -1;
  switch (first) {
    case 0x0f:
      if (second === 0x38) return plain("m", -1, at + 3);
      if (second === 0x3a) return plain("b", -1, at + 3);
      return plain(twoByteMap[second], 0x0f00 | second, at + 2);
    case 0xc5:
      return vector(code, 1, at + 2);
    case 0xc4:
      return vector(code, second & 0x1f, at + 3);
    case 0x62:
      return vector(code, second & 0x07, at + 4);
    default:
      return plain(oneByteMap[first], first, at + 1);
  }
}

function plain(form: string | undefined, number: number, end: number): Opcode | undefined {
  return form === undefined || form === "." ? undefined : { form, number, end };
}

function vector(code: Uint8Array, map: number, at: number): Opcode | undefined {
  if (map === 1) return plain(vectorMap1[code[at] ?? -1], -1, at + 1);
  if (map === 2 || map === 5 || map === 6) return plain("m", -1, at + 1);
  if (map === 3) return plain("b", -1, at + 1);
  return undefined;
}

function endOf(code: Uint8Array, opcode: Opcode, prefixes: Prefixes): number {
  const { end, form } = opcode;
  const wide = (prefixes.rex & 8) !== 0;
  const immediate = prefixes.operandSize16 && !wide ? 2 : 4;
  switch (form) {
    case "m":
      return endOfModRM(code, end);
    case "b":
      return endOfModRM(code, end) + 1;
    case "z":
      return endOfModRM(code, end) + immediate;
    case "3":
      return endOfModRM(code, end) + testImmediate(code, opcode, immediate);
    case "B":
    case "s":
      return end + 1;
    case "Z":
      return end + immediate;
    case "d":
      return end + 4; // Intel ignores an operand size prefix here
    case "V":
      return end + (wide ? 8 : immediate);
    case "W":
      return end + 2;
    case "E":
      return end + 3;
    case "O":
      return end + (prefixes.addressSize32 ? 4 : 8);
    default:
      return end;
  }
}

/** F6 and F7: /0 and /1 are TEST with an immediate, the others have none. */
function testImmediate(code: Uint8Array, opcode: Opcode, immediate: number): number {
  if (modRMReg(code, opcode.end) > 1) return 0;
  return opcode.number === 0xf6 ? 1 : immediate;
}

function modRMReg(code: Uint8Array, at: number): number {
  return ((code[at] ?? 0) >> 3) & 7;
}

/** Index behind ModRM, SIB and displacement. Intel SDM volume 2, tables 2-2 and 2-3. */
function endOfModRM(code: Uint8Array, at: number): number {
  const modRM = code[at] ?? 0;
  const mod = modRM >> 6;
  const rm = modRM & 7;
  if (mod === 3) return at + 1;
  const hasSib = rm === 4;
  const base = hasSib ? (code[at + 1] ?? 0) & 7 : rm;
  const end = at + (hasSib ? 2 : 1);
  if (mod === 1) return end + 1;
  if (mod === 2 || base === 5) return end + 4;
  return end;
}

function kindOf(code: Uint8Array, opcode: Opcode, prefixEnd: number, length: number): InstructionKind {
  const { number } = opcode;
  if (number >= 0x50 && number <= 0x57) return "push";
  if (isConditional(number)) return "jcc";
  switch (number) {
    case 0xe8:
      return "call";
    case 0xe9:
    case 0xeb:
      return "jmp";
    case 0xc2:
    case 0xc3:
    case 0xca:
    case 0xcb:
      return "ret";
    case 0x90:
      return length === 1 ? "nop" : "other"; // with REX.B it is XCHG R8, AX; with F3 it is PAUSE
    case 0xff:
      return indirectKinds[modRMReg(code, prefixEnd + 1)] ?? "other";
    default:
      return "other";
  }
}

const indirectKinds: readonly (InstructionKind | undefined)[] = [
  undefined,
  undefined,
  "call-indirect",
  "call-indirect",
  "jmp-indirect",
  "jmp-indirect",
];

function isConditional(number: number): boolean {
  return (number & ~0xf) === 0x70 || (number & ~0xf) === 0x0f80 || isLoop(number);
}

/** LOOPNE, LOOPE, LOOP, JRCXZ. */
function isLoop(number: number): boolean {
  return number >= 0xe0 && number <= 0xe3;
}

function targetOf(code: Uint8Array, opcode: Opcode, end: number, next: number): number | undefined {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  if (opcode.form === "s") return next + view.getInt8(end - 1);
  if (opcode.form === "d") return next + view.getInt32(end - 4, true);
  return undefined;
}

/**
 * As Linux decides in arch/x86/kernel/uprobes.c, branch_setup_xol_ops and push_setup_xol_ops: branches with an
 * operand size prefix are refused, LOOP and JRCXZ stepped, PUSH emulated bare or with 41 as its only prefix.
 */
function isEmulated(kind: InstructionKind, prefixes: Prefixes, opcode: Opcode, length: number): boolean {
  if (kind === "push") return length === 1 || (length === 2 && prefixes.rex === 0x41);
  if (kind === "jcc") return !prefixes.operandSize16 && !isLoop(opcode.number);
  if (kind === "jmp" || kind === "call") return !prefixes.operandSize16;
  return kind === "nop";
}
