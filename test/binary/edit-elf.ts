import { readFileSync } from "node:fs";

/** Where the fields of ELF-64 headers are, in bytes. */
const header = { sectionTable: 40, programCount: 56, sectionCount: 60, namesIndex: 62 } as const;
const programHeaders = 64;
const programSize = 56;
const stackHeader = 0x6474e551;

/** The content of a 64-bit little-endian ELF file, to be changed. */
export class ElfImage {
  bytes: Buffer;

  constructor(path: string) {
    this.bytes = readFileSync(path);
  }

  /** As sstrip does: no table of sections, and nothing behind what the kernel loads. */
  withoutSections(): this {
    this.bytes = Buffer.from(this.bytes.subarray(0, this.endOfLoaded));
    this.bytes.fill(0, header.sectionTable, header.sectionTable + 8);
    this.bytes.fill(0, header.sectionCount, header.namesIndex + 2);
    return this;
  }

  /** The table of sections stays, but every name in it is another one. */
  renameSections(): this {
    const table = Number(this.bytes.readBigUInt64LE(header.sectionTable));
    const names = table + this.bytes.readUInt16LE(header.namesIndex) * 64;
    const start = Number(this.bytes.readBigUInt64LE(names + 24));
    const end = start + Number(this.bytes.readBigUInt64LE(names + 32));
    for (let at = start; at < end; at++) if (this.bytes[at] !== 0) this.bytes[at] = 0x78;
    return this;
  }

  /** Changes a field of the n-th loaded segment: 8 is its file offset, 16 its address, 32 and 40 its sizes. */
  setSegment(n: number, field: 8 | 16 | 32 | 40, value: bigint): this {
    const [, at = 0] = this.#loaded()[n] ?? [];
    this.bytes.writeBigUInt64LE(value, at + field);
    return this;
  }

  /** Gives every program header the content of the first loaded segment. */
  repeatSegment(): this {
    const [, first = 0] = this.#loaded()[0] ?? [];
    const content = Buffer.from(this.bytes.subarray(first, first + programSize));
    for (let i = 0; i < this.#programs; i++) content.copy(this.bytes, programHeaders + i * programSize);
    return this;
  }

  /** Makes a loaded segment of the header that says how the stack is: this many bytes behind the end of the file. */
  addSegment(address: bigint, size: bigint): this {
    const headers = Array.from({ length: this.#programs }, (_, i) => programHeaders + i * programSize);
    const at = headers.find((header) => this.bytes.readUInt32LE(header) === stackHeader);
    if (at === undefined) throw new Error("no PT_GNU_STACK");
    this.bytes.writeUInt32LE(1, at);
    const offset = BigInt(this.bytes.length);
    for (const [field, value] of [
      [8, offset],
      [16, address],
      [32, size],
      [40, size],
    ] as const)
      this.bytes.writeBigUInt64LE(value, at + field);
    return this;
  }

  get #programs(): number {
    return this.bytes.readUInt16LE(header.programCount);
  }

  /** Index and place of the headers of loaded segments. */
  #loaded(): [index: number, at: number][] {
    return Array.from({ length: this.#programs }, (_, i): [number, number] => [
      i,
      programHeaders + i * programSize,
    ]).filter(([, at]) => this.bytes.readUInt32LE(at) === 1);
  }

  /** Where the last of what the kernel loads ends in the file. */
  get endOfLoaded(): number {
    const ends = this.#loaded().map(([, at]) =>
      Number(this.bytes.readBigUInt64LE(at + 8) + this.bytes.readBigUInt64LE(at + 32)),
    );
    return Math.max(...ends);
  }
}
