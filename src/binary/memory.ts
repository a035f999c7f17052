import { BadBinary } from "./bad-binary.ts";
import type { Segment } from "./elf.ts";
import type { BinaryFile } from "./file.ts";

/** Longest text that is read: names of generic functions with many type arguments reach some KB. */
const maxText = 64 * 1024;

/**
 * The program's memory as the file holds it: reads by virtual address, little-endian. An address that no segment
 * backs with bytes of the file throws BadBinary.
 */
export class Memory {
  readonly #file: BinaryFile;
  readonly #segments: readonly Segment[];
  readonly #relocated: (address: number) => number | undefined;
  #last: Segment | undefined;

  /** `relocated` gives the value that the loader writes to an address, when the file itself doesn't hold it. */
  constructor(
    file: BinaryFile,
    segments: readonly Segment[],
    relocated: (address: number) => number | undefined = () => undefined,
  ) {
    this.#file = file;
    this.#segments = segments.filter((segment) => segment.type === "load" && segment.fileSize > 0);
    this.#relocated = relocated;
  }

  /** Offset in the file, when `length` bytes from `address` on are in one segment's part of the file. */
  offsetOf(address: number, length = 1): number | undefined {
    const segment = this.#segmentOf(address);
    if (!segment || length > segment.address + segment.fileSize - address) return undefined;
    return address - segment.address + segment.fileOffset;
  }

  /** Number of bytes of the file from `address` to the end of its segment; 0 for an unbacked address. */
  available(address: number): number {
    const segment = this.#segmentOf(address);
    return segment ? segment.address + segment.fileSize - address : 0;
  }

  u8(address: number): number {
    return this.#small(address, 1).readUInt8(this.#at);
  }

  u16(address: number): number {
    return this.#small(address, 2).readUInt16LE(this.#at);
  }

  u32(address: number): number {
    return this.#small(address, 4).readUInt32LE(this.#at);
  }

  i32(address: number): number {
    return this.#small(address, 4).readInt32LE(this.#at);
  }

  /** A 64-bit number; one that a double can't hold exactly is no count, size or address of a real program. */
  u64(address: number): number {
    const bytes = this.#small(address, 8);
    const high = bytes.readUInt32LE(this.#at + 4);
    if (high >= 0x200000) throw new BadBinary(`the number at address ${hex(address)} is too large`);
    return high * 0x100000000 + bytes.readUInt32LE(this.#at);
  }

  /** A pointer as it is after relocation, with a load bias of 0. */
  pointer(address: number): number {
    return this.#relocated(address) ?? this.u64(address);
  }

  bytes(address: number, length: number): Buffer {
    return this.#file.bytes(this.#offset(address, length), length);
  }

  /** The bytes from `address` up to a NUL. */
  text(address: number): string {
    const limit = Math.min(this.available(address), maxText);
    for (let length = Math.min(limit, 128); length > 0; length = Math.min(limit, length * 8)) {
      const bytes = this.bytes(address, length);
      const end = bytes.indexOf(0);
      if (end >= 0) return bytes.toString("utf8", 0, end);
      if (length === limit) break;
    }
    throw new BadBinary(`the text at address ${hex(address)} has no end`);
  }

  *chunks(
    address: number,
    length: number,
    overlap = 0,
  ): Generator<{ readonly address: number; readonly data: Buffer }> {
    const start = this.#offset(address, length);
    for (const { offset, data } of this.#file.chunks(start, length, overlap)) {
      yield { address: address + offset - start, data };
    }
  }

  /** Where in the buffer that #small returned the value stands. */
  #at = 0;
  /** The page of the last small read and the addresses that it covers: most reads are near the one before. */
  #page: Buffer = Buffer.alloc(0);
  #pageStart = 0;
  #from = 0;
  #to = 0;
  #evictions = 0;

  #small(address: number, length: number): Buffer {
    if (
      !(address >= this.#from && address + length <= this.#to && this.#evictions === this.#file.evictions)
    ) {
      if (!this.#openPage(address, length)) {
        this.#at = 0;
        return this.bytes(address, length);
      }
    }
    this.#at = address - this.#pageStart;
    return this.#page;
  }

  /** False when the bytes are on two pages. */
  #openPage(address: number, length: number): boolean {
    const { page, at } = this.#file.window(this.#offset(address, length));
    if (at + length > page.length) return false;
    const { address: start = 0, fileSize = 0 } = this.#segmentOf(address) ?? {};
    this.#page = page;
    this.#pageStart = address - at;
    this.#from = Math.max(this.#pageStart, start);
    this.#to = Math.min(this.#pageStart + page.length, start + fileSize);
    this.#evictions = this.#file.evictions;
    return true;
  }

  #offset(address: number, length: number): number {
    const offset = this.offsetOf(address, length);
    if (offset === undefined) throw new BadBinary(`address ${hex(address)} is outside the file`);
    return offset;
  }

  #segmentOf(address: number): Segment | undefined {
    if (this.#last && holds(this.#last, address)) return this.#last;
    const found = this.#segments.find((segment) => holds(segment, address));
    if (found) this.#last = found;
    return found;
  }
}

function holds(segment: Segment, address: number): boolean {
  return address >= segment.address && address < segment.address + segment.fileSize;
}

export function hex(address: number): string {
  return `0x${address.toString(16)}`;
}
