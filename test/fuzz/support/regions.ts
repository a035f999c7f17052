import type { Elf } from "../../../src/binary/elf.ts";
import type { BinaryFile } from "../../../src/binary/file.ts";
import type { Region } from "./mutator.ts";
import type { Tables } from "./program.ts";

export function headerRegions(file: BinaryFile): Region[] {
  const header = file.bytes(0, 64);
  const programs = Number(header.readBigUInt64LE(32));
  const sections = Number(header.readBigUInt64LE(40));
  return [
    { name: "ELF header", offset: 0, size: 64 },
    { name: "program headers", offset: programs, size: header.readUInt16LE(56) * 56 },
    { name: "section headers", offset: sections, size: header.readUInt16LE(60) * 64 },
  ];
}

/** The sections whose names match, at most `limit` bytes of each. */
export function sectionRegions(elf: Elf, names: RegExp, limit = 64 * 1024): Region[] {
  return elf.sections
    .filter(({ name, type, size }) => type !== "nobits" && size > 0 && names.test(name))
    .map(({ name, fileOffset, size }) => ({ name, offset: fileOffset, size: Math.min(size, limit) }));
}

export function segmentRegions(elf: Elf, type: string): Region[] {
  return elf.segments
    .filter((segment) => segment.type === type)
    .map(({ fileOffset, fileSize }) => ({ name: `segment ${type}`, offset: fileOffset, size: fileSize }));
}

/** A part of the program's memory, as far as the file holds it. */
export function memoryRegion({ memory }: Tables, name: string, address: number, size: number): Region {
  const offset = memory.offsetOf(address);
  if (offset === undefined) throw new Error(`${name} isn't in the file`);
  return { name, offset, size: Math.min(size, memory.available(address)) };
}
