// ELF-64: https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html
import elfy from "elfy";
import {
  archiveFile,
  bigEndian,
  elf32,
  notElf,
  notExecutable,
  otherMachine,
  scriptFile,
  truncatedFile,
} from "../report/binary.ts";
import { BadBinary } from "./bad-binary.ts";
import type { BinaryFile } from "./file.ts";
import type { Architecture } from "./types.ts";

export interface Segment {
  /** "load", "note", "dynamic" …; "" for a type without a name here. */
  readonly type: string;
  readonly address: number;
  readonly fileOffset: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly executable: boolean;
  readonly writable: boolean;
}

export interface Section {
  readonly name: string;
  readonly type: string | number;
  readonly address: number;
  readonly fileOffset: number;
  readonly size: number;
  /** Index of the section that belongs to this one: the string table of a symbol table. */
  readonly link: number;
  readonly compressed: boolean;
}

export interface Elf {
  readonly arch: Architecture;
  readonly pie: boolean;
  /** Address of the program's first instruction; 0 when there is none. */
  readonly entry: number;
  readonly segments: readonly Segment[];
  /** By index, as in the file; without usable section headers a single one without a name. */
  readonly sections: readonly Section[];
}

const headerSize = 64;
const programSize = 56;
const sectionSize = 64;
/** Go's linkers write about 10 program headers and 30 sections with 500 bytes of names; other tools add some. */
const maxPrograms = 64;
const maxSections = 512;
/** Bytes. Go's code reaches its data with 32 signed bits. */
const maxLoaded = 2 ** 31;
const maxSectionNames = 32 * 1024;
const compressedFlag = "2048";
const machines: Readonly<Record<number, Architecture>> = { 62: "amd64", 183: "arm64" };

/** Reads the headers of an ELF file. Throws UserErrors for a file that can't be a Go program of this machine. */
export function readElf(file: BinaryFile): Elf {
  const header = readHeader(file);
  const { body } = elfy.parse(imageOfHeaders(file, header));
  const segments = body.programs.map((program) => ({
    type: program.type ?? "",
    address: program.vaddr,
    fileOffset: program.offset,
    fileSize: program.filesz,
    memorySize: program.memsz,
    executable: program.flags.x === true,
    writable: program.flags.w === true,
  }));
  checkSegments(file, segments);
  const sections = body.sections.map((section) => ({
    name: section.name,
    type: section.type,
    address: section.addr,
    fileOffset: section.off,
    size: section.size,
    link: section.link,
    compressed: section.flags[compressedFlag] === true,
  }));
  const entry = Number(header.raw.readBigUInt64LE(24));
  return { arch: header.arch, pie: header.pie, entry, segments, sections };
}

/** The section of that name when all of its bytes are in the file. */
export function findSection(elf: Elf, file: BinaryFile, name: string): Section | undefined {
  const section = elf.sections.find((candidate) => candidate.name === name);
  if (!section || section.type === "nobits" || section.size === 0) return undefined;
  return section.fileOffset + section.size <= file.size ? section : undefined;
}

interface Header {
  readonly raw: Buffer;
  readonly arch: Architecture;
  readonly pie: boolean;
}

function readHeader(file: BinaryFile): Header {
  const start = file.bytes(0, Math.min(file.size, 256));
  if (start.subarray(0, 2).toString("latin1") === "#!") throw scriptFile(file.path, firstLine(start));
  if (start.subarray(0, 8).toString("latin1") === "!<arch>\n") throw archiveFile(file.path);
  if (start.subarray(0, 4).toString("latin1") !== "\x7fELF") throw notElf(file.path);
  if (start.length < headerSize) throw truncatedFile(file.path, "it ends inside the ELF header");
  if (start[4] === 1) throw elf32(file.path);
  if (start[5] === 2) throw bigEndian(file.path);
  if (start[4] !== 2 || start[5] !== 1) throw notElf(file.path);
  const [type, machine] = [start.readUInt16LE(16), start.readUInt16LE(18)];
  if (type !== 2 && type !== 3) throw notExecutable(file.path, type);
  const arch = machines[machine];
  if (!arch) throw otherMachine(file.path, machine);
  return { raw: Buffer.from(start.subarray(0, headerSize)), arch, pie: type === 3 };
}

function firstLine(start: Buffer): string {
  return start.subarray(2).toString("utf8").split("\n", 1)[0]?.trim() ?? "";
}

/**
 * A small file for elfy: the ELF header, the program headers, the section headers and the names of the sections,
 * one after the other. elfy wants the file in memory, which would cost its size (700 MB for the largest known Go
 * programs); and it throws without section headers, so those that are missing or broken become one empty table.
 */
function imageOfHeaders(file: BinaryFile, { raw }: Header): Buffer {
  const programs = programHeaders(file, raw);
  const sections = sectionHeaders(file, raw) ?? {
    headers: emptySections(),
    names: Buffer.alloc(0),
    namesIndex: 0,
  };
  const header = Buffer.from(raw);
  header.writeBigUInt64LE(BigInt(headerSize), 32);
  header.writeBigUInt64LE(BigInt(headerSize + programs.length), 40);
  header.writeUInt16LE(sectionSize, 58);
  header.writeUInt16LE(sections.headers.length / sectionSize, 60);
  header.writeUInt16LE(sections.namesIndex, 62);
  const namesOffset = headerSize + programs.length + sections.headers.length;
  const nameTable = sections.headers.subarray(sections.namesIndex * sectionSize);
  nameTable.writeBigUInt64LE(BigInt(namesOffset), 24);
  return Buffer.concat([header, programs, sections.headers, sections.names]);
}

function programHeaders(file: BinaryFile, raw: Buffer): Buffer {
  const offset = Number(raw.readBigUInt64LE(32));
  const [size, count] = [raw.readUInt16LE(54), raw.readUInt16LE(56)];
  if (count === 0) throw new BadBinary("it has no program headers");
  if (size !== programSize || count > maxPrograms)
    throw new BadBinary(`${count} program headers of ${size} bytes`);
  if (offset + count * size > file.size) throw truncatedFile(file.path, "its program headers are missing");
  return file.bytes(offset, count * size);
}

interface SectionTable {
  readonly headers: Buffer;
  readonly names: Buffer;
  readonly namesIndex: number;
}

/** Undefined when anything about the table is wrong: everything can be found by the program headers alone. */
function sectionHeaders(file: BinaryFile, raw: Buffer): SectionTable | undefined {
  const offset = Number(raw.readBigUInt64LE(40));
  const [size, count, namesIndex] = [raw.readUInt16LE(58), raw.readUInt16LE(60), raw.readUInt16LE(62)];
  if (offset === 0 || count === 0 || size !== sectionSize || count > maxSections) return undefined;
  if (namesIndex >= count || offset + count * size > file.size) return undefined;
  const headers = Buffer.from(file.bytes(offset, count * size));
  const nameTable = headers.subarray(namesIndex * sectionSize, (namesIndex + 1) * sectionSize);
  const namesOffset = Number(nameTable.readBigUInt64LE(24));
  const namesSize = Number(nameTable.readBigUInt64LE(32));
  if (nameTable.readUInt32LE(4) !== 3 || namesSize > maxSectionNames) return undefined;
  if (namesOffset + namesSize > file.size) return undefined;
  return { headers, names: file.bytes(namesOffset, namesSize), namesIndex };
}

function emptySections(): Buffer {
  const header = Buffer.alloc(sectionSize);
  header.writeUInt32LE(3, 4);
  return header;
}

function checkSegments(file: BinaryFile, segments: readonly Segment[]): void {
  let loaded = 0;
  for (const { type, fileOffset, fileSize, address, memorySize } of segments) {
    if (type !== "load") continue;
    if (fileOffset + fileSize > file.size)
      throw truncatedFile(file.path, "a loaded segment reaches behind its end");
    if (address + Math.max(memorySize, fileSize) > Number.MAX_SAFE_INTEGER) {
      throw new BadBinary(`a segment at address ${address}`);
    }
    loaded += fileSize;
  }
  if (loaded > maxLoaded) throw new BadBinary(`its segments have ${loaded} bytes`);
  // Linkers let segments share a page. Many that share the whole file would make every search take many times as long.
  if (loaded > 2 * file.size) throw new BadBinary("its segments overlap in the file");
}
