// RELA entries: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.reloc.html
import { BadBinary } from "./bad-binary.ts";
import { dynamicEntries, dynamicTag } from "./dynamic.ts";
import type { Elf } from "./elf.ts";
import type { BinaryFile } from "./file.ts";
import { Memory } from "./memory.ts";

const entrySize = 24;
/** 256 MB: programs of 700 MB have half of it where it counts. */
const maxPages = 65_536;
const wordsPerPage = 512;
const pageBytes = wordsPerPage * 8;
/** R_X86_64_RELATIVE and R_AARCH64_RELATIVE: the loader writes load bias + addend. */
const relativeType = { amd64: 8, arm64: 1027 } as const;

/**
 * Entries that are compared with the file, spread over the table. Where a linker leaves the values out, most words
 * differ.
 */
const samples = 64;

/**
 * What the loader writes into a position-independent program, by address, where the file doesn't hold it. Go's own
 * linker and GNU ld for amd64 write the same values into the file, and then the table (6 MB for a 75 MB program) isn't
 * read; GNU ld for arm64 and LLVM's linker don't (20,784 of 26,520 words of a server differ). Entries of RELR need no
 * table: their addends are always in place. The entries aren't in address order (1,928 runs in 26,185 entries),
 * so they are laid out in pages, which cost at most the size of the relocated data.
 */
export class Relocations {
  readonly #pages = new Map<number, Float64Array>();
  readonly #maxPages: number;

  constructor(file: BinaryFile, elf: Elf) {
    // A page for each 4 KB of the file is more than any honest table needs.
    this.#maxPages = Math.min(Math.ceil(file.size / pageBytes) + 1, maxPages);
    const table = relaTable(file, elf);
    const type = relativeType[elf.arch];
    if (table && !isInPlace(file, elf, table, type)) this.#load(file, table, type);
  }

  /** The addend for the word at `address`; undefined for a word that isn't relocated. */
  at(address: number): number | undefined {
    const page = this.#pages.get(Math.floor(address / pageBytes));
    const value = page?.[(address % pageBytes) / 8];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  }

  /** Addresses of the words whose addend is `value`. */
  *addressesOf(value: number): Generator<number> {
    for (const [index, page] of this.#pages) {
      for (let i = page.indexOf(value); i >= 0; i = page.indexOf(value, i + 1))
        yield index * pageBytes + i * 8;
    }
  }

  #load(file: BinaryFile, { offset, length }: Table, type: number): void {
    for (const { data } of file.chunks(offset, length)) {
      for (let at = 0; at + entrySize <= data.length; at += entrySize) {
        if (data.readUInt32LE(at + 8) !== type) continue;
        this.#set(u64(data, at), u64(data, at + 16));
      }
    }
  }

  #set(address: number, value: number): void {
    const index = Math.floor(address / pageBytes);
    let page = this.#pages.get(index);
    if (!page) {
      if (this.#pages.size >= this.#maxPages)
        throw new BadBinary("its relocations reach wider than its data");
      page = new Float64Array(wordsPerPage).fill(Number.NaN);
      this.#pages.set(index, page);
    }
    // A word that isn't 8-aligned is no Go pointer; a fraction as index changes nothing.
    page[(address % pageBytes) / 8] = value;
  }
}

interface Table {
  readonly offset: number;
  readonly length: number;
}

function isInPlace(file: BinaryFile, elf: Elf, { offset, length }: Table, type: number): boolean {
  const memory = new Memory(file, elf.segments);
  const step = Math.max(1, Math.floor(length / entrySize / samples));
  for (let at = 0; at + entrySize <= length; at += step * entrySize) {
    const entry = file.bytes(offset + at, entrySize);
    if (entry.readUInt32LE(8) !== type) continue;
    const address = u64(entry, 0);
    if (memory.offsetOf(address, 8) === undefined) return false;
    if (!memory.bytes(address, 8).equals(entry.subarray(16))) return false;
  }
  return true;
}

function u64(data: Buffer, at: number): number {
  return data.readUInt32LE(at + 4) * 0x100000000 + data.readUInt32LE(at);
}

function relaTable(file: BinaryFile, elf: Elf): Table | undefined {
  if (!elf.pie) return undefined;
  const entries = dynamicEntries(file, elf);
  const valueFor = (wanted: number) => entries.find(({ tag }) => tag === wanted)?.value;
  const [address, size] = [valueFor(dynamicTag.rela), valueFor(dynamicTag.relaSize)];
  if (!address || !size) return undefined;
  const offset = new Memory(file, elf.segments).offsetOf(address, size);
  if (offset === undefined) throw new BadBinary("its relocations are outside the file");
  return { offset, length: size };
}
