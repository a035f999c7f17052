import { BadBinary, bounded } from "../bad-binary.ts";
import { offsetsAt, offsetsOf, valueAt } from "../go-facts/fact.ts";
import { textsect } from "../go-facts/moduledata.ts";
import * as facts from "../go-facts/pclntab.ts";
import { pointerSize } from "../go-facts/values.ts";
import type { Memory } from "../memory.ts";
import type { Moduledata, Slice } from "../moduledata.ts";
import type { FunctionTable, GoFunction } from "../types.ts";
import { NameIndex } from "./names.ts";
import { indexInOrder } from "./order.ts";
import type { Pclntab } from "./pclntab.ts";
import { recordsOf } from "./records.ts";

/** The linker of arm64 splits code at 128 MB; 64 sections would be 8 GB. */
const maxTextSections = 64;
const { vaddr, end, baseaddr } = offsetsOf(textsect);

/** Reads functions out of the pclntab on demand. All methods throw BadBinary where the table is damaged. */
export function openFunctions(memory: Memory, pclntab: Pclntab, moduledata: Moduledata): FunctionTable {
  return new PclnFunctions(memory, pclntab, moduledata);
}

type Layout = ReturnType<typeof layoutAt>;
const relativeLayout = layoutAt(18);
const absoluteLayout = layoutAt(17);

/** Byte offsets in the table and its records at a minor release of Go 1. */
function layoutAt(minor: number) {
  const size = valueAt(facts.functab.size, minor);
  const relative = valueAt(facts.functab.fields.entry.bytes, minor) < pointerSize.value;
  return { size, relative, ...offsetsAt(facts.functab, minor), ...offsetsAt(facts.func, minor) };
}

class PclnFunctions implements FunctionTable {
  readonly #memory: Memory;
  readonly #count: number;
  readonly #ftab: number;
  readonly #records: Slice;
  readonly #layout: Layout;
  readonly #address: (offset: number) => number;
  readonly #names: NameIndex;

  constructor(memory: Memory, pclntab: Pclntab, moduledata: Moduledata) {
    this.#memory = memory;
    // The last entry holds the end of the code only.
    this.#count = bounded(pclntab.count, moduledata.ftab.length - 1, "the number of functions");
    this.#ftab = moduledata.ftab.address;
    this.#records = moduledata.pclntable;
    this.#layout = pclntab.relative ? relativeLayout : absoluteLayout;
    this.#address = textAddress(memory, moduledata);
    if (memory.offsetOf(this.#ftab, (this.#count + 1) * this.#layout.size) === undefined) {
      throw new BadBinary("its function table is cut off");
    }
    this.#names = new NameIndex(memory, pclntab.names, pclntab.units);
  }

  find(name: string): readonly GoFunction[] {
    return this.#known.get(name) ?? this.findAll(new Set([name])).get(name) ?? [];
  }

  findAll(names: ReadonlySet<string>): ReadonlyMap<string, readonly GoFunction[]> {
    const found = this.#search(names);
    for (const name of names) this.#known.set(name, found.get(name) ?? []);
    return found;
  }
  /** What was asked for before, so that `find` after `findAll` costs nothing. */
  readonly #known = new Map<string, readonly GoFunction[]>();

  #search(names: ReadonlySet<string>): ReadonlyMap<string, readonly GoFunction[]> {
    const wanted = this.#names.offsetsOf(names);
    const found = new Map<string, GoFunction[]>();
    for (const index of this.#indexesOf(wanted)) {
      const name = wanted.get(this.#nameOffset(index)) ?? "";
      const functions = found.get(name);
      if (functions) functions.push(this.#function(index, name));
      else found.set(name, [this.#function(index, name)]);
    }
    return found;
  }

  /** The functions with these offsets of names, in the order of addresses. Each offset is of one function at most. */
  #indexesOf(nameOffsets: ReadonlyMap<number, unknown>): readonly number[] {
    const indexes: number[] = [];
    const others = new Set<number>();
    for (const offset of nameOffsets.keys()) {
      const index = indexInOrder(offset, this.#count, (i) => this.#nameOffset(i));
      if (index === undefined) others.add(offset);
      else indexes.push(index);
    }
    for (const address of others.size > 0 ? recordsOf(this.#memory, this.#records, others) : []) {
      const index = this.#indexOfRecord(address - this.#layout.nameOff);
      if (index !== undefined) indexes.push(index);
    }
    return indexes.sort((a, b) => a - b);
  }

  hasPackage(path: string): boolean {
    return this.#names.hasPackage(path);
  }

  hasName(name: string): boolean {
    return this.#names.offsetsOf(new Set([name])).size > 0;
  }

  allNames(): Iterable<string> {
    return this.#names.all();
  }

  at(address: number): GoFunction | undefined {
    const index = this.#indexAt(address);
    return index === undefined ? undefined : this.#function(index);
  }

  *all(): Iterable<GoFunction> {
    for (let i = 0; i < this.#count; i++) yield this.#function(i);
  }

  #function(index: number, name?: string): GoFunction {
    const [address, end] = [this.#entry(index), this.#entry(index + 1)];
    if (end < address) throw new BadBinary("its function table isn't in the order of addresses");
    return { name: name ?? this.#names.at(this.#nameOffset(index)), address, end };
  }

  #entry(index: number): number {
    const address = this.#ftab + index * this.#layout.size + this.#layout.entry;
    return this.#layout.relative ? this.#address(this.#memory.u32(address)) : this.#memory.pointer(address);
  }

  #nameOffset(index: number): number {
    return this.#memory.u32(this.#record(index) + this.#layout.nameOff);
  }

  /** Address of the function's record, which has its name and much that isn't needed here. */
  #record(index: number): number {
    const address = this.#ftab + index * this.#layout.size + this.#layout.funcoff;
    const offset = this.#layout.relative ? this.#memory.u32(address) : this.#memory.u64(address);
    return this.#records.address + offset;
  }

  /** The function whose record is at this address, when one is. Records lie in the order of their functions. */
  #indexOfRecord(record: number): number | undefined {
    const index = this.#lastUpTo(record, (i) => this.#record(i));
    return this.#record(index) === record ? index : undefined;
  }

  #indexAt(address: number): number | undefined {
    if (address < this.#entry(0) || address >= this.#entry(this.#count)) return undefined;
    return this.#lastUpTo(address, (i) => this.#entry(i));
  }

  /** The last function for which `key`, which grows with the index, is at most `wanted`; else the first. */
  #lastUpTo(wanted: number, key: (index: number) => number): number {
    let [low, high] = [0, this.#count];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (key(middle) <= wanted) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** Offsets count from the start of the code as it was before the linker split it into sections. */
function textAddress(memory: Memory, { text, textSections }: Moduledata): (offset: number) => number {
  if (textSections.length <= 1) return (offset) => text.start + offset;
  const sections = Array.from(
    { length: bounded(textSections.length, maxTextSections, "the number of text sections") },
    (_, i) => {
      const at = textSections.address + i * textsect.size;
      return {
        start: memory.u64(at + vaddr),
        end: memory.u64(at + end),
        base: memory.pointer(at + baseaddr),
      };
    },
  );
  const last = sections[sections.length - 1];
  return (offset) => {
    const section = sections.find(({ start, end }) => offset >= start && offset < end) ?? last;
    return section ? section.base + offset - section.start : text.start + offset;
  };
}
