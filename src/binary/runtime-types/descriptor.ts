import { BadBinary, bounded } from "../bad-binary.ts";
import { offsetsOf, valueAt, valuesOf } from "../go-facts/fact.ts";
import { kindFlag, kinds } from "../go-facts/kinds.ts";
import { bucketMapType, swissMapType } from "../go-facts/maps.ts";
import * as facts from "../go-facts/types.ts";
import { goSlice, pointerSize } from "../go-facts/values.ts";
import { hex, type Memory } from "../memory.ts";
import type { Moduledata } from "../moduledata.ts";

export const Kind = { ...valuesOf(kinds), last: kinds.unsafePointer.value } as const;

const kindMask = kindFlag.value - 1;
const flag = valuesOf(facts.flags);
const type = offsetsOf(facts.type);
const uncommon = offsetsOf(facts.uncommonType);
const func = offsetsOf(facts.funcType);
const outMask = 2 ** facts.variadicBit.value - 1;
/** Longest text of a type: an unnamed struct with many fields. */
const maxName = 64 * 1024;

export interface TypeName {
  readonly text: string;
  /** Of a struct's field: see `embeddedBit`. */
  readonly flags: number;
}

export interface List {
  readonly address: number;
  readonly length: number;
}

/** Reads single properties of type descriptors. An address is that of a descriptor; everything throws BadBinary. */
export class Descriptors {
  readonly memory: Memory;
  readonly start: number;
  readonly end: number;
  /** Minor release of Go 1. */
  readonly minor: number;
  readonly #swissMapSize: number;

  constructor(memory: Memory, { types }: Moduledata, minor: number) {
    this.memory = memory;
    this.start = types.start;
    this.end = types.end;
    this.minor = minor;
    this.#swissMapSize = valueAt(swissMapType.size, minor) ?? bucketMapType.size;
  }

  /** The address, when a descriptor could be there. */
  check(address: number): number {
    if (this.holds(address)) return address;
    throw new BadBinary(`the type at address ${hex(address)} is outside the types`);
  }

  holds(address: number): boolean {
    return (
      address % pointerSize.value === 0 && address >= this.start && address + facts.type.size <= this.end
    );
  }

  kind(address: number): number {
    return this.memory.u8(this.check(address) + type.Kind_) & kindMask;
  }

  size(address: number): number {
    return this.memory.u64(this.check(address) + type.Size_);
  }

  isNamed(address: number): boolean {
    return (this.#flags(address) & flag.named) !== 0;
  }

  /** As Go's reflect prints it: "http.Request", "*http.Request", "map[string]int". */
  text(address: number): string {
    const { text } = this.nameAt(this.nameOffset(address));
    return this.#flags(address) & flag.extraStar ? text.slice(1) : text;
  }

  nameOffset(address: number): number {
    return this.memory.i32(this.check(address) + type.Str);
  }

  /** Import path of the package of a named type; "" for "int", "error" and unnamed types. */
  packagePath(address: number): string {
    if (!(this.#flags(address) & flag.uncommon)) return "";
    const offset = this.memory.i32(address + this.#kindSize(address) + uncommon.PkgPath);
    return offset === 0 ? "" : this.nameAt(offset).text;
  }

  /** Descriptor of what a pointer points to, or of the elements of a slice, array, channel or map. */
  elem(address: number): number {
    const at = elemOffsets.get(this.kind(address)) ?? facts.ptrType.fields.Elem.at;
    return this.check(this.memory.pointer(address + at));
  }

  key(address: number): number {
    return this.check(this.memory.pointer(address + swissMapType.fields.Key.at));
  }

  /** Number of elements of an array. */
  arrayLength(address: number): number {
    return this.memory.u64(address + facts.arrayType.fields.Len.at);
  }

  /** Address and number of a struct type's fields. */
  fields(address: number): List {
    return this.#list(address + facts.structType.fields.Fields.at, facts.structField.size);
  }

  /** Address and number of an interface type's methods. */
  methods(address: number): List {
    return this.#list(address + facts.interfaceType.fields.Methods.at, facts.imethod.size);
  }

  #list(address: number, entrySize: number): List {
    const length = this.memory.u64(address + goSlice.fields.length.at);
    bounded(length * entrySize, this.end - this.start, "the size of a type");
    return { address: length === 0 ? 0 : this.memory.pointer(address + goSlice.fields.data.at), length };
  }

  nameAt(offset: number): TypeName {
    if (offset < 0 || offset > this.end - this.start)
      throw new BadBinary("the name of a type is outside the types");
    return this.name(this.start + offset);
  }

  /** A name: a byte of flags, the length as a varint, the text. */
  name(address: number): TypeName {
    const flags = this.memory.u8(address);
    let [length, scale, at] = [0, 1, address + facts.nameLengthAt.value];
    for (let byte = 0x80; byte & 0x80; at++, scale *= 128) {
      byte = this.memory.u8(at);
      length += (byte & 0x7f) * scale;
      bounded(length, maxName, "the length of a name");
    }
    return { flags, text: this.memory.bytes(at, length).toString("utf8") };
  }

  /** Swiss maps (Go 1.24) have the size of a group where older ones have four small fields, the third never 0. */
  isSwissMap(address: number): boolean {
    return this.memory.u64(address + swissMapType.fields.GroupSize.at) <= 0xffff;
  }

  /** Bytes from this descriptor to the next one where they lie side by side. */
  sizeOfDescriptor(address: number): number {
    const kind = this.kind(address);
    const base = this.#kindSize(address);
    const hasUncommon = this.#flags(address) & flag.uncommon;
    const methods = hasUncommon ? this.memory.u16(address + base + uncommon.Mcount) : 0;
    const own = base + (hasUncommon ? facts.uncommonType.size : 0) + facts.method.size * methods;
    if (kind === Kind.struct) return own + facts.structField.size * this.fields(address).length;
    if (kind === Kind.interface) return own + facts.imethod.size * this.methods(address).length;
    if (kind !== Kind.func) return own;
    const inputs = this.memory.u16(address + func.InCount);
    const outputs = this.memory.u16(address + func.OutCount) & outMask;
    return own + pointerSize.value * (inputs + outputs);
  }

  #flags(address: number): number {
    return this.memory.u8(this.check(address) + type.TFlag);
  }

  /** Bytes of the descriptor without what follows it. */
  #kindSize(address: number): number {
    const kind = this.kind(address);
    if (kind === 0 || kind > Kind.last)
      throw new BadBinary(`the type at ${hex(address)} has the unknown kind ${kind}`);
    if (kind !== Kind.map) return kindSizes.get(kind) ?? facts.type.size;
    return this.isSwissMap(address) ? this.#swissMapSize : bucketMapType.size;
  }
}

const kindSizes: ReadonlyMap<number, number> = new Map([
  [Kind.array, facts.arrayType.size],
  [Kind.chan, facts.chanType.size],
  [Kind.func, facts.funcType.size],
  [Kind.interface, facts.interfaceType.size],
  [Kind.pointer, facts.ptrType.size],
  [Kind.slice, facts.sliceType.size],
  [Kind.struct, facts.structType.size],
]);

const elemOffsets: ReadonlyMap<number, number> = new Map([
  [Kind.array, facts.arrayType.fields.Elem.at],
  [Kind.chan, facts.chanType.fields.Elem.at],
  [Kind.slice, facts.sliceType.fields.Elem.at],
  [Kind.map, swissMapType.fields.Elem.at],
]);
