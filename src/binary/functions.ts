// functab, _func and textAddr in runtime/symtab.go and runtime/runtime2.go of the Go distribution.
import { BadBinary, bounded } from "./bad-binary.ts";
import { NameIndex } from "./function-names.ts";
import type { Memory } from "./memory.ts";
import type { Moduledata } from "./moduledata.ts";
import type { Pclntab } from "./pclntab.ts";
import type { FunctionTable, GoFunction } from "./types.ts";

/** The linker of arm64 splits code at 128 MB; 64 sections would be 8 GB. */
const maxTextSections = 64;

/** Reads functions out of the pclntab on demand. All methods throw BadBinary where the table is damaged. */
export function openFunctions(memory: Memory, pclntab: Pclntab, moduledata: Moduledata): FunctionTable {
  return new PclnFunctions(memory, pclntab, moduledata);
}

class PclnFunctions implements FunctionTable {
  readonly #memory: Memory;
  readonly #count: number;
  readonly #ftab: number;
  readonly #pclntable: number;
  readonly #relative: boolean;
  readonly #address: (offset: number) => number;
  readonly #names: NameIndex;

  constructor(memory: Memory, pclntab: Pclntab, moduledata: Moduledata) {
    this.#memory = memory;
    // The last entry holds the end of the code only.
    this.#count = bounded(pclntab.count, moduledata.ftab.length - 1, "the number of functions");
    this.#ftab = moduledata.ftab.address;
    this.#pclntable = moduledata.pclntable.address;
    this.#relative = pclntab.relative;
    this.#address = textAddress(memory, moduledata);
    const entrySize = pclntab.relative ? 8 : 16;
    if (memory.offsetOf(this.#ftab, (this.#count + 1) * entrySize) === undefined) {
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
    const offsets = this.#nameOffsets();
    for (let i = 0; wanted.size > 0 && i < offsets.length; i++) {
      const name = wanted.get(offsets[i] ?? 0);
      if (name === undefined) continue;
      const functions = found.get(name);
      if (functions) functions.push(this.#function(i, name));
      else found.set(name, [this.#function(i, name)]);
    }
    return found;
  }

  hasPackage(path: string): boolean {
    return this.#names.hasPackage(path);
  }

  at(address: number): GoFunction | undefined {
    if (address < this.#entry(0) || address >= this.#entry(this.#count)) return undefined;
    let [low, high] = [0, this.#count];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#entry(middle) <= address) low = middle;
      else high = middle;
    }
    return this.#function(low);
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
    return this.#relative
      ? this.#address(this.#memory.u32(this.#ftab + index * 8))
      : this.#memory.pointer(this.#ftab + index * 16);
  }

  #nameOffset(index: number): number {
    return this.#relative
      ? this.#memory.u32(this.#pclntable + this.#memory.u32(this.#ftab + index * 8 + 4) + 4)
      : this.#memory.u32(this.#pclntable + this.#memory.u64(this.#ftab + index * 16 + 8) + 8);
  }

  /** By index of function. 4 bytes a function (80 KB for a 20 MB program) spare a second walk over the table. */
  #nameOffsets(): Uint32Array {
    if (this.#offsets) return this.#offsets;
    const offsets = new Uint32Array(this.#count);
    for (let i = 0; i < offsets.length; i++) offsets[i] = this.#nameOffset(i);
    this.#offsets = offsets;
    return offsets;
  }
  #offsets: Uint32Array | undefined;
}

/** Offsets count from the start of the code as it was before the linker split it into sections. */
function textAddress(memory: Memory, { text, textSections }: Moduledata): (offset: number) => number {
  if (textSections.length <= 1) return (offset) => text.start + offset;
  const sections = Array.from(
    { length: bounded(textSections.length, maxTextSections, "the number of text sections") },
    (_, i) => {
      const at = textSections.address + i * 24;
      return { start: memory.u64(at), end: memory.u64(at + 8), base: memory.pointer(at + 16) };
    },
  );
  const last = sections[sections.length - 1];
  return (offset) => {
    const section = sections.find(({ start, end }) => offset >= start && offset < end) ?? last;
    return section ? section.base + offset - section.start : text.start + offset;
  };
}
