// moduledata in runtime/symtab.go of the Go distribution. Its layout is not stable: see `layouts`.
import { BadBinary } from "./bad-binary.ts";
import { type Elf, findSection } from "./elf.ts";
import type { BinaryFile } from "./file.ts";
import type { Memory } from "./memory.ts";
import type { Pclntab } from "./pclntab.ts";
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

interface Layout {
  readonly since: number;
  readonly types: number;
  readonly etypes: number;
  readonly textsectmap: number;
  readonly typelinks?: number;
  readonly itablinks?: number;
  readonly typedesclen?: number;
  readonly itaboffset?: number;
}

/** Byte offsets by minor release of Go 1; a release that isn't here has the layout of the one before it. */
const layouts: readonly Layout[] = [
  { since: 27, types: 296, etypes: 312, textsectmap: 360, typedesclen: 304, itaboffset: 320 },
  { since: 26, types: 296, etypes: 304, textsectmap: 336, typelinks: 360, itablinks: 384 },
  { since: 20, types: 296, etypes: 304, textsectmap: 328, typelinks: 352, itablinks: 376 },
  { since: 18, types: 280, etypes: 288, textsectmap: 312, typelinks: 336, itablinks: 360 },
  { since: 16, types: 280, etypes: 288, textsectmap: 296, typelinks: 320, itablinks: 344 },
];

const [pcHeader, funcnametab, cutab, pclntable, ftab, text] = [0, 8, 32, 104, 128, 176];
const size = 416;

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
  const section = findSection(elf, file, ".go.module");
  if (section) yield section.address;
  if (relocations) yield* relocations.addressesOf(pclntab.address);
  // Its first two words are addresses that stand nowhere else side by side.
  const start = Buffer.alloc(16);
  start.writeBigUInt64LE(BigInt(pclntab.address));
  start.writeBigUInt64LE(BigInt(pclntab.names), 8);
  for (const segment of elf.segments) {
    if (segment.type !== "load" || !segment.writable || segment.fileSize < size) continue;
    for (const { address, data } of memory.chunks(segment.address, segment.fileSize, start.length)) {
      for (let at = data.indexOf(start); at >= 0; at = data.indexOf(start, at + 1)) yield address + at;
    }
  }
}

function isModuledata({ memory, pclntab }: ModuledataSource, address: number): boolean {
  return (
    memory.offsetOf(address, size) !== undefined &&
    memory.pointer(address + pcHeader) === pclntab.address &&
    memory.pointer(address + funcnametab) === pclntab.names &&
    memory.pointer(address + cutab) === pclntab.units
  );
}

/** `minor` is the minor release of Go 1, which the layout depends on. */
export function readModuledata(memory: Memory, address: number, minor: number): Moduledata {
  const layout = layouts.find((candidate) => candidate.since <= minor) ?? layouts[layouts.length - 1];
  if (!layout) throw new BadBinary(`its Go release 1.${minor} is unknown`);
  const pointer = (offset: number) => memory.pointer(address + offset);
  const slice = (offset: number) => ({ address: pointer(offset), length: memory.u64(address + offset + 8) });
  const types = region(memory, "types", pointer(layout.types), pointer(layout.etypes));
  const part = (offset: number, length: number) => ({ address: types.start + offset, length });
  return {
    pclntable: slice(pclntable),
    ftab: slice(ftab),
    text: region(memory, "code", pointer(text), pointer(text + 8)),
    textSections: slice(layout.textsectmap),
    types,
    typelinks: layout.typelinks === undefined ? undefined : slice(layout.typelinks),
    itablinks: layout.itablinks === undefined ? undefined : slice(layout.itablinks),
    typeDescriptors:
      layout.typedesclen === undefined ? undefined : part(8, memory.u64(address + layout.typedesclen) - 8),
    itabs:
      layout.itaboffset === undefined
        ? undefined
        : part(memory.u64(address + layout.itaboffset), memory.u64(address + layout.itaboffset + 8)),
  };
}

function region(memory: Memory, name: string, start: number, end: number): { start: number; end: number } {
  if (memory.offsetOf(start, Math.max(1, end - start)) === undefined || end <= start) {
    throw new BadBinary(`the addresses of its ${name} are wrong`);
  }
  return { start, end };
}
