// Type and its kinds in internal/abi/type.go of the Go distribution (runtime/type.go up to Go 1.19).
import { BadBinary, bounded } from "./bad-binary.ts";
import { hex, type Memory } from "./memory.ts";
import type { Moduledata } from "./moduledata.ts";

export const Kind = {
  array: 17,
  chan: 18,
  func: 19,
  interface: 20,
  map: 21,
  pointer: 22,
  slice: 23,
  struct: 25,
  /** unsafe.Pointer, the last one. */
  last: 26,
} as const;

const kindMask = 31;
const uncommonFlag = 1;
const extraStarFlag = 2;
const namedFlag = 4;
const baseSize = 48;
/** Longest text of a type: an unnamed struct with many fields. */
const maxName = 64 * 1024;

export interface TypeName {
  readonly text: string;
  /** Bits: 1 exported, 2 has a tag, 8 embedded. */
  readonly flags: number;
}

/** Reads single properties of type descriptors. An address is that of a descriptor; everything throws BadBinary. */
export class Descriptors {
  readonly memory: Memory;
  readonly start: number;
  readonly end: number;
  /** Minor release of Go 1. */
  readonly minor: number;

  constructor(memory: Memory, { types }: Moduledata, minor: number) {
    this.memory = memory;
    this.start = types.start;
    this.end = types.end;
    this.minor = minor;
  }

  /** The address, when a descriptor could be there. */
  check(address: number): number {
    if (this.holds(address)) return address;
    throw new BadBinary(`the type at address ${hex(address)} is outside the types`);
  }

  holds(address: number): boolean {
    return address % 8 === 0 && address >= this.start && address + baseSize <= this.end;
  }

  kind(address: number): number {
    return this.memory.u8(this.check(address) + 23) & kindMask;
  }

  size(address: number): number {
    return this.memory.u64(this.check(address));
  }

  isNamed(address: number): boolean {
    return (this.memory.u8(this.check(address) + 20) & namedFlag) !== 0;
  }

  /** As Go's reflect prints it: "http.Request", "*http.Request", "map[string]int". */
  text(address: number): string {
    const { text } = this.nameAt(this.nameOffset(address));
    return this.#flags(address) & extraStarFlag ? text.slice(1) : text;
  }

  nameOffset(address: number): number {
    return this.memory.i32(this.check(address) + 40);
  }

  /** Import path of the package of a named type; "" for "int", "error" and unnamed types. */
  packagePath(address: number): string {
    if (!(this.#flags(address) & uncommonFlag)) return "";
    const offset = this.memory.i32(address + this.#kindSize(address));
    return offset === 0 ? "" : this.nameAt(offset).text;
  }

  /** Descriptor of what a pointer points to, or of the elements of a slice, array, channel or map. */
  elem(address: number): number {
    const at = this.kind(address) === Kind.map ? 56 : 48;
    return this.check(this.memory.pointer(address + at));
  }

  key(address: number): number {
    return this.check(this.memory.pointer(address + 48));
  }

  /** Number of elements of an array. */
  arrayLength(address: number): number {
    return this.memory.u64(address + 64);
  }

  /** Address and number of what a struct (fields of 24 bytes) or an interface (methods of 8 bytes) lists. */
  list(address: number, entrySize: number): { readonly address: number; readonly length: number } {
    const length = this.memory.u64(address + 64);
    bounded(length * entrySize, this.end - this.start, "the size of a type");
    return { address: length === 0 ? 0 : this.memory.pointer(address + 56), length };
  }

  nameAt(offset: number): TypeName {
    if (offset < 0 || offset > this.end - this.start)
      throw new BadBinary("the name of a type is outside the types");
    return this.name(this.start + offset);
  }

  /** A name: a byte of flags, the length as a varint, the text. */
  name(address: number): TypeName {
    const flags = this.memory.u8(address);
    let [length, scale, at] = [0, 1, address + 1];
    for (let byte = 0x80; byte & 0x80; at++, scale *= 128) {
      byte = this.memory.u8(at);
      length += (byte & 0x7f) * scale;
      bounded(length, maxName, "the length of a name");
    }
    return { flags, text: this.memory.bytes(at, length).toString("utf8") };
  }

  /** Swiss maps (Go 1.24) have the size of a group where older ones have four small fields, the third never 0. */
  isSwissMap(address: number): boolean {
    return this.memory.u64(address + 80) <= 0xffff;
  }

  /** Bytes from this descriptor to the next one where they lie side by side. */
  sizeOfDescriptor(address: number): number {
    const kind = this.kind(address);
    const base = this.#kindSize(address);
    const uncommon = this.#flags(address) & uncommonFlag;
    const methods = uncommon ? 16 + 16 * this.memory.u16(address + base + 4) : 0;
    if (kind === Kind.struct) return base + methods + 24 * this.list(address, 24).length;
    if (kind === Kind.interface) return base + methods + 8 * this.list(address, 8).length;
    if (kind !== Kind.func) return base + methods;
    const [inputs, outputs] = [this.memory.u16(address + 48), this.memory.u16(address + 50) & 0x7fff];
    return base + methods + 8 * (inputs + outputs);
  }

  #flags(address: number): number {
    return this.memory.u8(this.check(address) + 20);
  }

  /** Bytes of the descriptor without what follows it. */
  #kindSize(address: number): number {
    const kind = this.kind(address);
    if (kind === 0 || kind > Kind.last)
      throw new BadBinary(`the type at ${hex(address)} has the unknown kind ${kind}`);
    if (kind !== Kind.map) return kindSizes.get(kind) ?? baseSize;
    if (!this.isSwissMap(address)) return 88;
    return this.minor >= 27 ? 136 : 112;
  }
}

const kindSizes: ReadonlyMap<number, number> = new Map([
  [Kind.array, 72],
  [Kind.chan, 64],
  [Kind.func, 56],
  [Kind.interface, 80],
  [Kind.pointer, 56],
  [Kind.slice, 56],
  [Kind.struct, 80],
]);
