/**
 * Bytes of protobuf messages, written front to back into one growing buffer.
 * Encoding: https://protobuf.dev/programming-guides/encoding/
 */
/** Up to this length a loop over the characters beats the call into the runtime's own UTF-8 writer. */
const shortString = 24;

/** Values of the hex digits by their character codes. */
const digits = Uint8Array.from({ length: 128 }, (_, code) =>
  Math.max(0, "0123456789abcdef".indexOf(String.fromCharCode(code))),
);

export const wireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

export function tag(field: number, type: number): number {
  return (field << 3) | type;
}

export class ProtobufWriter {
  #buffer: Buffer;
  #view: DataView;
  #position = 0;

  /** `capacity` in bytes; the buffer grows when it was too little. */
  constructor(capacity = 16 * 1024) {
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
    this.#view = new DataView(this.#buffer.buffer);
  }

  get length(): number {
    return this.#position;
  }

  /** The bytes so far, as a view that the next write may overwrite. */
  written(): Uint8Array {
    return this.#buffer.subarray(0, this.#position);
  }

  /** Starts anew. A buffer that grew is kept: the next batch will be about as large. */
  reset(): void {
    this.#position = 0;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#position++] = value;
  }

  /** Unsigned, below 2^32. */
  varint(value: number): void {
    this.#reserve(5);
    let rest = value;
    while (rest > 0x7f) {
      this.#buffer[this.#position++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#position++] = rest;
  }

  /** An int64 given as an integer, negative ones in two's complement. */
  int64(value: number): void {
    this.#reserve(10);
    let low = value >>> 0;
    let high = Math.floor(value / 0x1_0000_0000) >>> 0;
    while (high > 0 || low > 0x7f) {
      this.#buffer[this.#position++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.#buffer[this.#position++] = low;
  }

  /** The same of any size; what doesn't fit into 64 bits is cut. */
  bigint64(value: bigint): void {
    this.#reserve(10);
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      this.#buffer[this.#position++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#buffer[this.#position++] = Number(rest);
  }

  fixed32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#position, value, true);
    this.#position += 4;
  }

  fixed64(low: number, high: number): void {
    this.#reserve(8);
    this.#view.setUint32(this.#position, low, true);
    this.#view.setUint32(this.#position + 4, high, true);
    this.#position += 8;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#position, value, true);
    this.#position += 8;
  }

  /** Bytes as they are, without a length. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#position);
    this.#position += bytes.length;
  }

  /** Bytes out of lower-case hex, without a length; a character that is no hex digit counts as 0. */
  hex(text: string): void {
    const bytes = text.length >> 1;
    this.#reserve(bytes);
    const buffer = this.#buffer;
    const start = this.#position;
    for (let i = 0; i < bytes; i++) {
      buffer[start + i] =
        ((digits[text.charCodeAt(2 * i)] ?? 0) << 4) | (digits[text.charCodeAt(2 * i + 1)] ?? 0);
    }
    this.#position = start + bytes;
  }

  /** Length and UTF-8 bytes. A lone surrogate becomes U+FFFD, as the format wants valid UTF-8. */
  string(text: string): void {
    this.varint(text.length);
    const start = this.#position;
    this.utf8(text);
    if (this.#position - start === text.length) return;
    const lengthBytes = varintSize(text.length);
    const bytes = this.#position - start;
    this.#position = start - lengthBytes;
    this.varint(bytes);
    this.utf8(text);
  }

  /** UTF-8 bytes without a length. */
  utf8(text: string): void {
    this.#reserve(text.length * 3);
    if (text.length > shortString || !this.#ascii(text)) {
      this.#position += this.#buffer.write(text, this.#position);
    }
  }

  /**
   * Opens a message of unknown length, with room for a length of `lengthBytes`; give the result and the same number
   * to `close`. A wrong guess costs a move of the message.
   */
  open(lengthBytes = 1): number {
    this.#reserve(lengthBytes);
    this.#position += lengthBytes;
    return this.#position;
  }

  /** Writes the length in front of what came since `open`. */
  close(start: number, lengthBytes = 1): void {
    const length = this.#position - start;
    const size = varintSize(length);
    if (size !== lengthBytes) {
      this.#reserve(size);
      this.#buffer.copyWithin(start - lengthBytes + size, start, this.#position);
    }
    this.#position = start - lengthBytes;
    this.varint(length);
    this.#position += length;
  }

  #ascii(text: string): boolean {
    const buffer = this.#buffer;
    const start = this.#position;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      buffer[start + i] = code;
    }
    this.#position = start + text.length;
    return true;
  }

  #reserve(bytes: number): void {
    const needed = this.#position + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    larger.set(this.written());
    this.#buffer = larger;
    this.#view = new DataView(larger.buffer);
  }
}

export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}
