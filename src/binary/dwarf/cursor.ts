import { BadBinary } from "../bad-binary.ts";

/** Names of generic types with many type arguments reach some KB. */
const maxString = 16 * 1024;

/** C compilers write all their flags into one text. What is skipped again and again must not be long. */
const maxSkipped = 64 * 1024;
/** 64 bits in groups of 7 have 10 bytes; compilers may pad some. */
const maxLeb = 16;

/** Reads little-endian values one behind the other. Whatever lies outside the bytes is a BadBinary. */
export class Cursor {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** Moves on by `count` bytes and returns the index of the first of them. */
  skip(count: number): number {
    const from = this.at;
    if (!(from >= 0 && count >= 0 && from + count <= this.bytes.length)) throw outside(from);
    this.at = from + count;
    return from;
  }

  u8(): number {
    const value = this.bytes[this.at];
    if (value === undefined) throw outside(this.at);
    this.at++;
    return value;
  }

  u16(): number {
    return this.bytes.readUInt16LE(this.skip(2));
  }

  /** Unsigned, of 1 to 6 bytes. */
  uint(size: number): number {
    return this.bytes.readUIntLE(this.skip(size), size);
  }

  u64(): number {
    const value = Number(this.bytes.readBigUInt64LE(this.skip(8)));
    if (!Number.isSafeInteger(value)) throw new BadBinary("a number in the DWARF data is out of range");
    return value;
  }

  /** Unsigned LEB128. */
  uleb(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80 && Number.isSafeInteger(value)) return value;
    }
    throw new BadBinary("a number in the DWARF data is out of range");
  }

  /** Moves behind a LEB128, whatever its value. */
  skipLeb(): void {
    const end = this.at + maxLeb;
    while (this.u8() >= 0x80) if (this.at >= end) throw tooLong("number");
  }

  /** Moves behind a string and its zero byte. */
  skipString(): void {
    const window = this.bytes.subarray(this.at, this.at + maxSkipped);
    const end = window.indexOf(0);
    if (end < 0) throw window.length < maxSkipped ? outside(this.at) : tooLong("text");
    this.at += end + 1;
  }

  /** The string at the cursor, which doesn't move; undefined when it is longer than any name of Go. */
  peekString(): string | undefined {
    const window = this.bytes.subarray(this.at, this.at + maxString);
    const end = window.indexOf(0);
    if (end < 0 && window.length < maxString) throw outside(this.at);
    return end < 0 ? undefined : window.toString("utf8", 0, end);
  }
}

/** Something that a damaged file could have without end; `take` throws BadBinary when there is too much of it. */
export class Budget {
  readonly #what: string;
  #left: number;

  constructor(limit: number, what: string) {
    this.#left = limit;
    this.#what = what;
  }

  take(count: number): void {
    this.#left -= count;
    if (this.#left < 0) throw new BadBinary(`the DWARF data has too many ${this.#what}`);
  }
}

function outside(at: number): BadBinary {
  return new BadBinary(`the DWARF data ends before byte ${at}`);
}

function tooLong(what: string): BadBinary {
  return new BadBinary(`a ${what} in the DWARF data is too long`);
}
