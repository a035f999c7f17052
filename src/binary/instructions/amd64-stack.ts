import { readOpcode, readPrefixes } from "./amd64.ts";
import { writtenRegisters } from "./amd64-writes.ts";

const stackPointer = 4;

/** Opcodes that read memory, or look at it, and write none. What a compiler of Go writes behind a call. */
const reads = new Set([
  ...[0x03, 0x0b, 0x13, 0x1b, 0x23, 0x2b, 0x33, 0x3b, 0x38, 0x39, 0x3a], // ADD … XOR into a register, CMP
  ...[0x63, 0x69, 0x6b, 0x84, 0x85, 0x8a, 0x8b], // MOVSXD, IMUL, TEST, MOV
  ...[0x0f10, 0x0f12, 0x0f16, 0x0f1f, 0x0f28, 0x0f2e, 0x0f2f, 0x0f6e, 0x0f6f], // MOVUPS …, NOP, UCOMISS, MOVQ, MOVDQU
  ...[0x0faf, 0x0fb6, 0x0fb7, 0x0fbe, 0x0fbf], // IMUL, MOVZX, MOVSX
]);
const lea = 0x8d;

/** Bytes that one of the instructions above, or of those in amd64-writes.ts, writes at most. */
const widest = 16;

/**
 * Whether straight code leaves the first bytes of its stack alone: there a call's results are that don't fit in
 * registers. To be asked of one instruction after the other. Where it isn't sure it says no.
 */
export class StackEnd {
  readonly #bytes: number;
  /** Registers that point there, one bit each. */
  #pointers = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  isLeftBy(code: Uint8Array): boolean {
    if (this.#bytes === 0) return true;
    const memory = memoryOf(code);
    const written = writtenRegisters(code);
    const isThere = memory !== undefined && this.#isThere(memory);
    if (written === undefined || (isThere && memory.opcode !== lea && !reads.has(memory.opcode)))
      return false;
    const isAddress = isThere && memory.opcode === lea;
    const points = isAddress || isCopyOf(code, this.#pointers | (1 << stackPointer));
    this.#pointers = points ? this.#pointers | written : this.#pointers & ~written;
    return true;
  }

  #isThere({ base, hasIndex, displacement }: Memory): boolean {
    if (base === undefined) return false;
    if (base !== stackPointer) return (this.#pointers & (1 << base)) !== 0;
    return hasIndex || (displacement > -widest && displacement < this.#bytes);
  }
}

interface Memory {
  readonly opcode: number;
  /** Number of the register; undefined: none. */
  readonly base: number | undefined;
  readonly hasIndex: boolean;
  readonly displacement: number;
}

/** Of an instruction with ModRM that names memory. Intel SDM volume 2, 2.1.5. */
function memoryOf(code: Uint8Array): Memory | undefined {
  const { end, rex } = readPrefixes(code, 0);
  const opcode = readOpcode(code, end)?.number ?? -1;
  const at = opcode > 0xff ? end + 2 : end + 1;
  const modRM = code[at];
  if (modRM === undefined || modRM >= 0xc0) return undefined;
  const [mod, rm] = [modRM >> 6, modRM & 7];
  const sib = rm === 4 ? (code[at + 1] ?? 0) : undefined;
  const number = sib === undefined ? rm : sib & 7;
  const hasIndex = sib !== undefined && (((sib >> 3) & 7) !== 4 || (rex & 2) !== 0);
  const base = mod === 0 && number === 5 ? undefined : number | ((rex & 1) << 3);
  return {
    opcode,
    base,
    hasIndex,
    displacement: displacementAt(code, at + (sib === undefined ? 1 : 2), mod),
  };
}

function displacementAt(code: Uint8Array, at: number, mod: number): number {
  const bytes = Buffer.from(code.buffer, code.byteOffset, code.byteLength);
  if (mod === 1 && at < bytes.length) return bytes.readInt8(at);
  return mod === 2 && at + 4 <= bytes.length ? bytes.readInt32LE(at) : 0;
}

/** MOV between registers, of one of these. */
function isCopyOf(code: Uint8Array, registers: number): boolean {
  const { end, rex } = readPrefixes(code, 0);
  const [opcode, modRM = 0] = [code[end], code[end + 1]];
  if (modRM < 0xc0 || (opcode !== 0x89 && opcode !== 0x8b)) return false;
  const reg = ((modRM >> 3) & 7) | ((rex & 4) << 1);
  const rm = (modRM & 7) | ((rex & 1) << 3);
  return (registers & (1 << (opcode === 0x89 ? reg : rm))) !== 0;
}
