import { packageOf } from "../binary/package-of.ts";
import type { GoBinary, GoFunction } from "../binary/types.ts";

/** What may be a call, or a jump, of one of the functions that were looked for. Not yet held against the code. */
export interface PossibleCaller {
  readonly address: number;
  readonly target: number;
}

export interface CodeRange {
  readonly address: number;
  readonly length: number;
}

/** CALL and JMP with a distance of 32 bits: one byte and the distance from the next instruction. */
const opcodes = [0xe8, 0xe9];
const instructionLength = 5;

/** Found in one pass. Programs have far fewer; what a file made for it has more is left out. */
const maxFound = 20_000;

/**
 * All direct calls and jumps of amd64 in a range to any of `targets`, of all byte strings that look like one. About
 * 0.7 ms a megabyte of code.
 */
export function findPossibleCallers(
  binary: GoBinary,
  { address: start, length }: CodeRange,
  targets: ReadonlySet<number>,
): readonly PossibleCaller[] {
  const wanted = new LowBits(targets);
  const found: PossibleCaller[] = [];
  for (const { address, data } of binary.codeChunks(start, length, instructionLength - 1)) {
    for (const at of opcodes.flatMap((opcode) => placesIn(data, address, opcode, wanted))) {
      const target = address + at + instructionLength + data.readInt32LE(at + 1);
      if (targets.has(target)) found.push({ address: address + at, target });
    }
    if (found.length >= maxFound) return found.slice(0, maxFound);
  }
  return found;
}

/** Where `opcode` stands with a distance whose low bits lead to a target: spares nearly all look-ups. */
function placesIn(data: Buffer, address: number, opcode: number, wanted: LowBits): readonly number[] {
  const places: number[] = [];
  const next = address + instructionLength;
  const end = data.length - instructionLength;
  for (let at = data.indexOf(opcode); at >= 0 && at <= end; at = data.indexOf(opcode, at + 1)) {
    const distance = (data[at + 1] ?? 0) | ((data[at + 2] ?? 0) << 8);
    if (wanted.has(next + at + distance)) places.push(at);
  }
  return places;
}

class LowBits {
  readonly #seen = new Uint8Array(0x10000);

  constructor(numbers: Iterable<number>) {
    for (const number of numbers) this.#seen[number & 0xffff] = 1;
  }

  has(number: number): boolean {
    return this.#seen[number & 0xffff] === 1;
  }
}

/** Machine code of the whole program, and with it of C. */
export function wholeCode({ segments }: GoBinary): readonly CodeRange[] {
  return segments
    .filter(({ executable, fileSize }) => executable && fileSize > 0)
    .map(({ address, fileSize }) => ({ address, length: fileSize }));
}

/** The largest package of the standard library has 2 MB of code; no function is smaller than its alignment. */
const largestStep = 4 * 1024 * 1024;
const smallestStep = 16;

/**
 * The functions of a package lie side by side: the linker goes from package to package. Only what the compiler makes
 * of its own accord, wrappers of methods and method values, lies apart.
 */
export function codeOfPackage(binary: GoBinary, { name, address }: GoFunction): CodeRange {
  const path = packageOf(name);
  const isIn = (at: number) => packageOf(binary.functions.at(at)?.name ?? "") === path;
  const reach = (direction: 1 | -1) => {
    let distance = 0;
    for (let step = largestStep; step >= smallestStep; step /= 2)
      if (isIn(address + direction * (distance + step))) distance += step;
    return distance;
  };
  const start = binary.functions.at(address - reach(-1))?.address ?? address;
  const last = binary.functions.at(address + reach(1));
  return { address: start, length: (last?.end ?? address) - start };
}
