import { pick, type Random } from "./random.ts";

/** A part of the bytes that is worth breaking. */
export interface Region {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

/** Where the broken bytes go. */
export interface Storage {
  write(offset: number, bytes: Buffer): void;
  resize(size: number): void;
}

/** Values at which bounds break, in 1, 2, 4 or 8 bytes. */
const edges = [
  ...[0n, 1n, 2n, 7n, 8n, 0x7fn, 0x80n, 0xffn, 0xffffn],
  ...[0x7fffffffn, 0x80000000n, 0xffffffffn, 2n ** 40n, 2n ** 53n, 2n ** 60n, 2n ** 63n, -1n],
];
const widths = [1, 2, 4, 8];

/** Breaks bytes in place and repairs them again, which is cheaper than a copy for each mutation. */
export class Mutator {
  readonly #original: Buffer;
  readonly #storage: Storage;
  readonly #regions: readonly Region[];
  #changed: { readonly offset: number; readonly length: number }[] = [];
  #size: number;

  constructor(original: Buffer, storage: Storage, regions: readonly Region[]) {
    this.#original = original;
    this.#size = original.length;
    this.#storage = storage;
    this.#regions = regions.filter(({ size }) => size > 0);
  }

  /** One to four changes of one region, or a file that is cut off. Returns what it did, in words. */
  mutate(random: Random): string {
    if (random(40) === 0) return this.#truncate(random(this.#original.length));
    const region = pick(this.#regions, random);
    const changes = Array.from({ length: 1 + random(4) }, () => this.#change(region, random));
    return `${region.name}: ${changes.join(", ")}`;
  }

  repair(): void {
    if (this.#size !== this.#original.length) {
      this.#storage.resize(this.#original.length);
      this.#storage.write(this.#size, this.#original.subarray(this.#size));
      this.#size = this.#original.length;
    }
    for (const { offset, length } of this.#changed)
      this.#storage.write(offset, this.#original.subarray(offset, offset + length));
    this.#changed = [];
  }

  #truncate(size: number): string {
    this.#storage.resize(size);
    this.#size = size;
    return `cut to ${size}`;
  }

  #change({ offset: start, size }: Region, random: Random): string {
    const width = Math.min(pick(widths, random), size);
    const offset = start + random(Math.floor(size / width)) * width;
    const bytes = this.#newBytes(offset, width, random);
    this.#changed.push({ offset, length: width });
    this.#storage.write(offset, bytes);
    return `${bytes.toString("hex")} at ${offset}`;
  }

  /** An edge, a random number, the old number with one bit flipped or a little larger, or bytes from elsewhere. */
  #newBytes(offset: number, width: number, random: Random): Buffer {
    const old = this.#original.subarray(offset, offset + width);
    switch (random(5)) {
      case 0:
        return numberBytes(pick(edges, random), width);
      case 1:
        return Buffer.from(Array.from(old, () => random(256)));
      case 2:
        return numberBytes(numberOf(old) ^ (1n << BigInt(random(old.length * 8))), width);
      case 3:
        return numberBytes(numberOf(old) + BigInt(random(257) - 128), width);
      default: {
        const from = random(this.#original.length - width + 1);
        return this.#original.subarray(from, from + width);
      }
    }
  }
}

function numberOf(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}

function numberBytes(value: bigint, width: number): Buffer {
  const wide = Buffer.alloc(8);
  wide.writeBigUInt64LE(BigInt.asUintN(64, value));
  return wide.subarray(0, width);
}
