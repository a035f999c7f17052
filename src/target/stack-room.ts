/**
 * The part of the main thread's stack that a Go program never uses. The kernel gives the first thread 132 KiB at once;
 * Go's runtime takes 64 KiB of them for that thread's own goroutine, g0, and puts all others on the heap (rt0_go in
 * src/runtime/asm_amd64.s and asm_arm64.s). With cgo g0 has all of the stack, as C code runs there.
 */
import { stackRoomReasons } from "../report/propagation.ts";
import { readBounded } from "./proc.ts";
import type { ProcessMemory } from "./process-memory.ts";
import type { Target } from "./target.ts";

export interface Room {
  readonly start: number;
  readonly end: number;
}

interface Part extends Room {
  readonly writable: boolean;
  readonly inode: bigint;
  readonly name: string;
}

export const pageBytes = 4096;

/** Bytes that rt0_go takes for g0. */
const g0Bytes = 65_536;

/** rt0_go sets the stack up within the last page; older releases leave some bytes at its lower end. */
const tolerance = 4096;

/** With fewer nothing is gained. */
const leastPages = 2;

/** A program's own variables, among which g0 is. */
const maxDataBytes = 64 << 20;

const mapsLimit = 16 << 20;

const line = /^([0-9a-f]+)-([0-9a-f]+) .(.).. [0-9a-f]+ [0-9a-f]+:[0-9a-f]+ (\d+)\s*(.*)$/;

/**
 * Whole pages that nothing has any use for, at least two; a text says why there are none.
 * @throws the file system's error when the process has ended or may not be looked at
 */
export function findStackRoom(
  { pid, inode, startStack }: Pick<Target, "pid" | "inode" | "startStack">,
  memory: ProcessMemory,
): Room | string {
  const parts = readParts(pid);
  const stack = parts.find(({ name }) => name === "[stack]");
  const begin = Number(startStack);
  if (stack === undefined || begin <= stack.start || begin > stack.end) return stackRoomReasons.noStack;
  const lowest = lowerEndOfG0(dataOf(parts, inode), begin, memory);
  if (lowest === undefined) return stackRoomReasons.otherStack;
  // One page stays free between the two.
  const end = Math.floor(lowest / pageBytes) * pageBytes - pageBytes;
  if (end - stack.start < leastPages * pageBytes) return stackRoomReasons.tooSmall;
  return { start: stack.start, end };
}

function readParts(pid: number): readonly Part[] {
  return readBounded(`/proc/${pid}/maps`, mapsLimit).toString().split("\n").flatMap(parsePart);
}

function parsePart(text: string): readonly Part[] {
  const [, start, end, write, inode = "0", name = ""] = line.exec(text) ?? [];
  if (start === undefined || end === undefined) return [];
  return [
    {
      start: Number.parseInt(start, 16),
      end: Number.parseInt(end, 16),
      writable: write === "w",
      inode: BigInt(inode),
      name,
    },
  ];
}

/** The executable's writable parts, and the zeros behind them that the file doesn't hold. */
function dataOf(parts: readonly Part[], inode: bigint): readonly Room[] {
  const isOwn = (part: Part | undefined) => part?.writable && part.inode === inode;
  return parts.filter(
    (part, index) =>
      isOwn(part) ||
      (part.writable &&
        part.inode === 0n &&
        part.name === "" &&
        follows(part, parts[index - 1]) &&
        isOwn(parts[index - 1])),
  );
}

function follows(part: Part, before: Part | undefined): boolean {
  return before?.end === part.start;
}

/**
 * runtime.g0 begins with the bounds of its stack: the one place in the program's data where two words, one behind the
 * other, are 64 KiB apart and the upper one is where the kernel left the stack pointer. Found in stripped files too.
 */
function lowerEndOfG0(data: readonly Room[], begin: number, memory: ProcessMemory): number | undefined {
  const found = new Set(data.flatMap((part) => boundsIn(part, begin, memory)));
  return found.size === 1 ? [...found][0] : undefined;
}

function boundsIn({ start, end }: Room, begin: number, memory: ProcessMemory): readonly number[] {
  const found: number[] = [];
  for (let at = start; at < Math.min(end, start + maxDataBytes); at += chunkBytes) {
    // A chunk and the first word behind it.
    const bytes = memory.read(at, Math.min(chunkBytes + 8, end - at));
    for (let offset = 0; bytes && offset + 16 <= bytes.length; offset += 8) {
      const upper = addressIn(bytes, offset + 8);
      if (upper > begin || upper < begin - tolerance) continue;
      const lower = addressIn(bytes, offset);
      if (lower >= upper - g0Bytes && lower <= upper - g0Bytes + tolerance) found.push(lower);
    }
  }
  return found;
}

const chunkBytes = 1 << 20;

/** 0 for what is no address of a program. */
function addressIn(bytes: Buffer, offset: number): number {
  const high = bytes.readUInt32LE(offset + 4);
  return high < 0x10000 ? high * 0x1_0000_0000 + bytes.readUInt32LE(offset) : 0;
}
