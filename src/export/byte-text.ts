const initialSize = 64 * 1024;

/**
 * Text that is kept as UTF-8 from the start. Strings that wait would be moved out of the young heap, piece by piece,
 * which costs more than writing them down.
 */
export class ByteText {
  #bytes = Buffer.allocUnsafe(initialSize);
  length = 0;

  append(text: string): void {
    // A UTF-16 unit takes at most three bytes of UTF-8.
    const needed = this.length + 3 * text.length;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.length += this.#bytes.write(text, this.length);
  }

  /** A view: valid until the next `append` or `reset`. */
  written(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  reset(): void {
    this.length = 0;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.written().copy(larger);
    this.#bytes = larger;
  }
}
