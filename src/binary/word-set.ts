/** Numbers of 32 bits, to be found among many others. */
export class WordSet {
  readonly #words: ReadonlySet<number>;
  /** Whether any of the words has these 16 bits: spares nearly all look-ups in the set. */
  readonly #filter = new Uint8Array(0x10000);

  constructor(words: Iterable<number>) {
    this.#words = new Set([...words].map((word) => word | 0));
    for (const word of this.#words) this.#filter[fold(word)] = 1;
  }

  /** Indexes, in words, of those that are in the set. Looks at each `step`-th word. `data` is aligned to words. */
  placesIn(data: Buffer, step = 1): readonly number[] {
    const places: number[] = [];
    const words = new Int32Array(data.buffer, data.byteOffset, data.length >>> 2);
    for (let i = 0; i < words.length; i += step) {
      const word = words[i] ?? 0;
      if (this.#filter[fold(word)] === 1 && this.#words.has(word)) places.push(i);
    }
    return places;
  }
}

function fold(word: number): number {
  return (word ^ (word >>> 16)) & 0xffff;
}
