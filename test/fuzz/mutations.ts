import { closeSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";

/** A part of a file that is worth breaking. */
export interface Region {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

/** Random numbers that are the same on every run with the same seed (xorshift32). */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * below);
  };
}

/** Values at which bounds break, in 1, 2, 4 or 8 bytes. */
const edges = [
  0n,
  1n,
  2n,
  7n,
  8n,
  0x7fn,
  0x80n,
  0xffn,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  2n ** 53n,
  -1n,
];
const widths = [1, 2, 4, 8];

/** Breaks a file in place and repairs it again, which is cheaper than a copy for each mutation. */
export class Mutator {
  readonly #file: number;
  readonly #size: number;
  readonly #regions: readonly Region[];
  readonly #random: (below: number) => number;
  #repairs: { readonly offset: number; readonly bytes: Buffer }[] = [];

  constructor(path: string, size: number, regions: readonly Region[], random: (below: number) => number) {
    this.#file = openSync(path, "r+");
    this.#size = size;
    this.#regions = regions;
    this.#random = random;
  }

  /** Returns what it did, in words. */
  mutate(): string {
    if (this.#random(40) === 0) return this.#truncate();
    const region = this.#regions[this.#random(this.#regions.length)];
    if (!region) throw new Error("no regions");
    const changes = Array.from({ length: 1 + this.#random(4) }, () => this.#change(region));
    return `${region.name}: ${changes.join(", ")}`;
  }

  repair(): void {
    for (const { offset, bytes } of this.#repairs.reverse())
      writeSync(this.#file, bytes, 0, bytes.length, offset);
    this.#repairs = [];
  }

  close(): void {
    closeSync(this.#file);
  }

  #change(region: Region): string {
    const width = widths[this.#random(widths.length)] ?? 1;
    const places = Math.floor(region.size / width);
    const offset = region.offset + this.#random(places) * width;
    const bytes = this.#newBytes(offset, width);
    this.#remember(offset, width);
    writeSync(this.#file, bytes, 0, width, offset);
    return `${bytes.toString("hex")} at ${offset}`;
  }

  /** An edge, a random number, the old number with one bit flipped or a little larger, or bytes from elsewhere. */
  #newBytes(offset: number, width: number): Buffer {
    const bytes = this.#read(offset, width);
    const number = BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
    const put = (value: bigint) => {
      const wide = Buffer.alloc(8);
      wide.writeBigUInt64LE(BigInt.asUintN(64, value));
      return wide.subarray(0, width);
    };
    switch (this.#random(5)) {
      case 0:
        return put(edges[this.#random(edges.length)] ?? 0n);
      case 1:
        return Buffer.from(Array.from({ length: width }, () => this.#random(256)));
      case 2:
        return put(number ^ (1n << BigInt(this.#random(width * 8))));
      case 3:
        return put(number + BigInt(this.#random(257) - 128));
      default:
        return this.#read(this.#random(this.#size - width), width);
    }
  }

  #truncate(): string {
    const size = this.#random(this.#size);
    this.#remember(size, this.#size - size);
    ftruncateSync(this.#file, size);
    return `cut to ${size}`;
  }

  #remember(offset: number, length: number): void {
    this.#repairs.push({ offset, bytes: this.#read(offset, length) });
  }

  #read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    readSync(this.#file, bytes, 0, length, offset);
    return bytes;
  }
}
