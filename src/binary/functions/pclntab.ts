import { BadBinary } from "../bad-binary.ts";
import { type Elf, findSection, type Segment } from "../elf.ts";
import type { BinaryFile } from "../file.ts";
import { offsetsAt, releasesOf, valueAt } from "../go-facts/fact.ts";
import * as facts from "../go-facts/pclntab.ts";
import { sections } from "../go-facts/sections.ts";
import { pointerSize } from "../go-facts/values.ts";
import type { Memory } from "../memory.ts";

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

interface Format {
  readonly magic: number;
  /** Of the header, in bytes. */
  readonly size: number;
  readonly header: ReturnType<typeof headerAt>;
  readonly relative: boolean;
}

const formats = releasesOf(facts.magic.value).map(formatOf).reverse();
const leastSize = Math.min(...formats.map(({ size }) => size));
const { functionTable, relocatedPrefix } = sections;
const sectionNames = [functionTable.value, relocatedPrefix.value + functionTable.value];

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
  const starts = formats.map(({ magic }) => startOfHeader(magic, facts.pcQuantum[elf.arch].value));
  for (const segment of likelyFirst(elf)) {
    if (segment.fileSize < leastSize) continue;
    for (const chunk of memory.chunks(segment.address, segment.fileSize, leastSize)) {
      for (const start of starts) {
        const table = scanChunk(memory, chunk, start);
        if (table) return table;
      }
    }
  }
  return undefined;
}

/**
 * Without a section of its own the table is in the writable data of a position-independent program, behind 20 MB of
 * symbols and relocations in a large one. GNU ld for arm64 puts constants and code into one segment; elsewhere the
 * table is never among the code.
 */
function likelyFirst(elf: Elf): readonly Segment[] {
  const order = ({ writable, executable }: Segment) => (executable ? 2 : writable ? 0 : 1);
  return elf.segments.filter(({ type }) => type === "load").sort((a, b) => order(a) - order(b));
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

/** The header up to the number of functions. */
function startOfHeader(magic: number, quantum: number): Buffer {
  const { fields } = facts.pcHeader;
  const start = Buffer.alloc(fields.nfunc.at);
  start.writeUInt32LE(magic, fields.magic.at);
  start.writeUInt8(quantum, fields.minLC.at);
  start.writeUInt8(pointerSize.value, fields.ptrSize.at);
  return start;
}

/** Undefined when something else than a header stands at the address. */
function parseHeader(memory: Memory, address: number): Pclntab | undefined {
  if (address % pointerSize.value !== 0 || memory.offsetOf(address, leastSize) === undefined)
    return undefined;
  const magic = memory.u32(address);
  const format = formats.find((known) => known.magic === magic);
  if (!format || memory.u8(address + format.header.ptrSize) !== pointerSize.value) return undefined;
  try {
    const { header, relative } = format;
    const count = memory.u64(address + header.nfunc);
    const names = memory.u64(address + header.funcnameOffset);
    const units = memory.u64(address + header.cuOffset);
    const size = memory.available(address);
    if (count < 1 || count > size / 8 || names < format.size || units <= names || units > size)
      return undefined;
    return { address, count, names: address + names, units: address + units, relative };
  } catch (error) {
    if (error instanceof BadBinary) return undefined;
    throw error;
  }
}

/** How the function table looks from this minor release of Go 1 on. */
function formatOf(minor: number): Format {
  return {
    magic: valueAt(facts.magic.value, minor),
    size: valueAt(facts.pcHeader.size, minor),
    header: headerAt(minor),
    relative: valueAt(facts.functab.fields.entry.bytes, minor) < pointerSize.value,
  };
}

function headerAt(minor: number) {
  return offsetsAt(facts.pcHeader, minor);
}
