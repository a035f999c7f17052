// pcHeader in runtime/symtab.go of the Go distribution.
import { BadBinary } from "./bad-binary.ts";
import { type Elf, findSection, type Segment } from "./elf.ts";
import type { BinaryFile } from "./file.ts";
import type { Memory } from "./memory.ts";

/** Where Go's function table is, and how its entries look. */
export interface Pclntab {
  readonly address: number;
  /** Number of functions. */
  readonly count: number;
  /** Address of the names, each ended by NUL. */
  readonly names: number;
  /** Address of the cu table, which the names end before. */
  readonly units: number;
  /** True from Go 1.18 on: entries of two u32 with offsets from the start of the code, else of two u64. */
  readonly relative: boolean;
}

const headerSize = 72;
/** Go 1.20, 1.18 and 1.16. */
const magics = [0xfffffff1, 0xfffffff0, 0xfffffffa];
const go116 = 0xfffffffa;
const sectionNames = [".gopclntab", ".data.rel.ro.gopclntab"];

/** Finds the function table by its section, else by its magic; undefined when the file has none. */
export function locatePclntab(file: BinaryFile, elf: Elf, memory: Memory): Pclntab | undefined {
  for (const name of sectionNames) {
    const section = findSection(elf, file, name);
    const table = section && parseHeader(memory, section.address);
    if (table) return table;
  }
  return scan(elf, memory);
}

function scan(elf: Elf, memory: Memory): Pclntab | undefined {
  const minInstruction = elf.arch === "amd64" ? 1 : 4;
  for (const segment of dataFirst(elf)) {
    if (segment.fileSize < headerSize) continue;
    for (const chunk of memory.chunks(segment.address, segment.fileSize, headerSize)) {
      for (const magic of magics) {
        const table = scanChunk(memory, chunk, startOfHeader(magic, minInstruction));
        if (table) return table;
      }
    }
  }
  return undefined;
}

/** GNU ld for arm64 puts constants and code into one segment; elsewhere the table is never among the code. */
function dataFirst(elf: Elf): readonly Segment[] {
  const loaded = elf.segments.filter(({ type }) => type === "load");
  return [
    ...loaded.filter(({ executable }) => !executable),
    ...loaded.filter(({ executable }) => executable),
  ];
}

function scanChunk(
  memory: Memory,
  chunk: { address: number; data: Buffer },
  start: Buffer,
): Pclntab | undefined {
  for (let at = chunk.data.indexOf(start); at >= 0; at = chunk.data.indexOf(start, at + 1)) {
    const table = parseHeader(memory, chunk.address + at);
    if (table) return table;
  }
  return undefined;
}

function startOfHeader(magic: number, minInstruction: number): Buffer {
  const start = Buffer.from([0, 0, 0, 0, 0, 0, minInstruction, 8]);
  start.writeUInt32LE(magic);
  return start;
}

/** Undefined when something else than a header stands at the address. */
function parseHeader(memory: Memory, address: number): Pclntab | undefined {
  if (address % 8 !== 0 || memory.offsetOf(address, headerSize) === undefined) return undefined;
  const magic = memory.u32(address);
  if (!magics.includes(magic) || memory.u8(address + 7) !== 8) return undefined;
  // Up to Go 1.17 the header has no textStart.
  const offsets = address + (magic === go116 ? 24 : 32);
  try {
    const count = memory.u64(address + 8);
    const [names, units] = [memory.u64(offsets), memory.u64(offsets + 8)];
    const size = memory.available(address);
    if (count < 1 || count > size / 8 || names < headerSize - 8 || units <= names || units > size)
      return undefined;
    return { address, count, names: address + names, units: address + units, relative: magic !== go116 };
  } catch (error) {
    if (error instanceof BadBinary) return undefined;
    throw error;
  }
}
