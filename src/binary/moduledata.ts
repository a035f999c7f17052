import { BadBinary } from "./bad-binary.ts";
import { type Elf, findSection } from "./elf.ts";
import type { BinaryFile } from "./file.ts";
import type { Pclntab } from "./functions/pclntab.ts";
import { offsetsAt, offsetsOf } from "./go-facts/fact.ts";
import * as facts from "./go-facts/moduledata.ts";
import { sections } from "./go-facts/sections.ts";
import * as values from "./go-facts/values.ts";
import type { Memory } from "./memory.ts";
import type { Relocations } from "./relocations.ts";

export interface Slice {
  readonly address: number;
  readonly length: number;
}

/** The runtime's table of contents of the program. */
export interface Moduledata {
  readonly pclntable: Slice;
  readonly ftab: Slice;
  /** Text offsets are from here; `end` is the first address behind Go's code. */
  readonly text: { readonly start: number; readonly end: number };
  readonly textSections: Slice;
  /** Type descriptors and the names in them. */
  readonly types: { readonly start: number; readonly end: number };
  /** Up to Go 1.26: offsets of type descriptors from `types.start`, sorted by type string. */
  readonly typelinks: Slice | undefined;
  /** Up to Go 1.26: pointers to itabs. */
  readonly itablinks: Slice | undefined;
  /** From Go 1.27: the same descriptors one after the other … */
  readonly typeDescriptors: Slice | undefined;
  /** … and the itabs too. */
  readonly itabs: Slice | undefined;
}

const { pointerSize } = values;
const { pcHeader, funcnametab, cutab, etext } = facts.moduledata.fields;
/** Of what didn't move since the oldest release. */
const leastSize = etext.at + etext.bytes;
const goSlice = offsetsOf(values.goSlice);

export interface ModuledataSource {
  readonly file: BinaryFile;
  readonly elf: Elf;
  readonly memory: Memory;
  readonly relocations: Relocations | undefined;
  readonly pclntab: Pclntab;
}

/** Address of the moduledata; throws BadBinary when there is none that fits the function table. */
export function locateModuledata(source: ModuledataSource): number {
  for (const address of candidates(source)) {
    if (isModuledata(source, address)) return address;
  }
  throw new BadBinary("its module data isn't there");
}

function* candidates({ file, elf, memory, relocations, pclntab }: ModuledataSource): Generator<number> {
  const section = findSection(elf, file, sections.moduledata.value);
  if (section) yield section.address;
  if (relocations) yield* relocations.addressesOf(pclntab.address);
  // Its first two words are addresses that stand nowhere else side by side.
  const start = Buffer.alloc(16);
  start.writeBigUInt64LE(BigInt(pclntab.address));
  start.writeBigUInt64LE(BigInt(pclntab.names), 8);
  for (const { address, size } of likelyFirst(elf, file)) {
    if (memory.offsetOf(address, size) === undefined) continue;
    for (const chunk of memory.chunks(address, size, start.length)) {
      for (let at = chunk.data.indexOf(start); at >= 0; at = chunk.data.indexOf(start, at + 1))
        yield chunk.address + at;
    }
  }
}

/** The section of data without pointers has it up to Go 1.25; any writable data could. */
function likelyFirst(
  elf: Elf,
  file: BinaryFile,
): readonly { readonly address: number; readonly size: number }[] {
  const section = findSection(elf, file, sections.noPointers.value);
  const segments = elf.segments.filter(
    ({ type, writable, fileSize }) => type === "load" && writable && fileSize >= leastSize,
  );
  return [
    ...(section ? [section] : []),
    ...segments.map(({ address, fileSize: size }) => ({ address, size })),
  ];
}

function isModuledata({ memory, pclntab }: ModuledataSource, address: number): boolean {
  return (
    memory.offsetOf(address, leastSize) !== undefined &&
    memory.pointer(address + pcHeader.at) === pclntab.address &&
    memory.pointer(address + funcnametab.at) === pclntab.names &&
    memory.pointer(address + cutab.at) === pclntab.units
  );
}

/** `minor` is the minor release of Go 1, which the layout depends on. */
export function readModuledata(memory: Memory, address: number, minor: number): Moduledata {
  const at = offsetsAt(facts.moduledata, minor);
  const pointer = (offset: number) => memory.pointer(address + offset);
  const word = (offset: number) => memory.u64(address + offset);
  const slice = (offset: number) => ({
    address: pointer(offset + goSlice.data),
    length: word(offset + goSlice.length),
  });
  const types = region(memory, "types", pointer(at.types), pointer(at.etypes));
  return {
    pclntable: slice(at.pclntable),
    ftab: slice(at.ftab),
    text: region(memory, "code", pointer(at.text), pointer(at.etext)),
    textSections: slice(at.textsectmap),
    types,
    typelinks: given(at.typelinks, slice),
    itablinks: given(at.itablinks, slice),
    typeDescriptors: given(at.typedesclen, (length) => ({
      address: types.start + pointerSize.value,
      length: word(length) - pointerSize.value,
    })),
    itabs: given(at.itaboffset, (offset) => ({
      address: types.start + word(offset),
      length: given(at.itabsize, word) ?? 0,
    })),
  };
}

/** What a release has no field for is undefined. */
function given<T>(offset: number | undefined, read: (offset: number) => T): T | undefined {
  return offset === undefined ? undefined : read(offset);
}

function region(memory: Memory, name: string, start: number, end: number): { start: number; end: number } {
  if (memory.offsetOf(start, Math.max(1, end - start)) === undefined || end <= start) {
    throw new BadBinary(`the addresses of its ${name} are wrong`);
  }
  return { start, end };
}
