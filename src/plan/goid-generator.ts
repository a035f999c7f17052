import type { GoBinary } from "../binary/types.ts";

/** Bytes of `LOCK XADDQ reg, 0(reg)`, and of `LEAQ goidgen(SB), reg` and `MOVL $16, reg` before it. */
const lock = 0xf0;
const leaLength = 7;
const moveLength = 5;

/**
 * Address in the file of runtime.sched.goidgen, the last id that a processor has taken for a batch of goroutines;
 * undefined when it can't be told. It has no symbol of its own, but newproc1 adds the size of a batch to it
 * (src/runtime/proc.go, "Sched.goidgen is the last allocated id"), and nothing else there adds 16 to a global.
 */
export function goidGenerator(binary: GoBinary): number | undefined {
  const [newproc] = binary.functions.find("runtime.newproc1");
  if (binary.arch !== "amd64" || newproc === undefined) return undefined;
  const code = Buffer.from(binary.code(newproc));
  const places = new Set<number>();
  for (let at = code.indexOf(lock); at >= 0; at = code.indexOf(lock, at + 1)) {
    if (!isAddition(code, at) || !isAddress(code, at - leaLength)) continue;
    if (!isSixteen(code, at - leaLength - moveLength)) continue;
    // The address is relative to the instruction behind LEAQ.
    places.add(newproc.address + at + code.readInt32LE(at - 4));
  }
  return places.size === 1 ? [...places][0] : undefined;
}

/** LOCK, REX.W, 0F C1. */
function isAddition(code: Buffer, at: number): boolean {
  const [, rex = 0, prefix, opcode] = code.subarray(at, at + 4);
  return (rex & 0xf8) === 0x48 && prefix === 0x0f && opcode === 0xc1;
}

/** REX.W, 8D, ModRM of a distance from the next instruction. */
function isAddress(code: Buffer, at: number): boolean {
  const [rex = 0, opcode, modRM = 0] = at < 0 ? [] : code.subarray(at, at + 3);
  return (rex & 0xfb) === 0x48 && opcode === 0x8d && (modRM & 0xc7) === 0x05;
}

/** B8 to BF and a batch's size; a REX.B may stand before it. */
function isSixteen(code: Buffer, at: number): boolean {
  return at >= 0 && ((code[at] ?? 0) & 0xf8) === 0xb8 && code.readUInt32LE(at + 1) === 16;
}
