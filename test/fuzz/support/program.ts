import { BadBinary } from "../../../src/binary/bad-binary.ts";
import { readBuildInfo } from "../../../src/binary/build-info.ts";
import { type Elf, readElf } from "../../../src/binary/elf.ts";
import { BinaryFile } from "../../../src/binary/file.ts";
import { locatePclntab, type Pclntab } from "../../../src/binary/functions/pclntab.ts";
import { openGoBinary } from "../../../src/binary/index.ts";
import { Memory } from "../../../src/binary/memory.ts";
import { locateModuledata, type Moduledata, readModuledata } from "../../../src/binary/moduledata.ts";
import { Relocations } from "../../../src/binary/relocations.ts";
import type { GoBinary } from "../../../src/binary/types.ts";
import { UserError } from "../../../src/report/user-error.ts";

/** A program as the binary room has it behind its headers. */
export interface Headers {
  readonly file: BinaryFile;
  readonly elf: Elf;
  readonly relocations: Relocations | undefined;
  readonly memory: Memory;
}

/** The same behind its tables of contents. */
export interface Tables extends Headers {
  readonly pclntab: Pclntab;
  readonly moduledataAddress: number;
  readonly moduledata: Moduledata;
}

export function withFile<T>(path: string, use: (file: BinaryFile) => T): T {
  const file = new BinaryFile(path);
  try {
    return use(file);
  } finally {
    file.close();
  }
}

export function withHeaders<T>(path: string, use: (headers: Headers) => T): T {
  return withFile(path, (file) => {
    const elf = readElf(file);
    const relocations = elf.pie ? new Relocations(file, elf) : undefined;
    const memory = new Memory(file, elf.segments, relocations && ((address) => relocations.at(address)));
    return use({ file, elf, relocations, memory });
  });
}

/** By the front door. */
export function withBinary<T>(path: string, use: (binary: GoBinary) => T): T {
  const binary = openGoBinary(path);
  try {
    return use(binary);
  } finally {
    binary.close();
  }
}

/** `minor` is the release of Go 1, where the build info isn't what is tried. */
export function withTables<T>(path: string, minor: number, use: (tables: Tables) => T): T {
  return withHeaders(path, (headers) => {
    const { file, elf, memory } = headers;
    const pclntab = locatePclntab(file, elf, memory);
    if (!pclntab) throw new BadBinary("no function table");
    const moduledataAddress = locateModuledata({ ...headers, pclntab });
    const moduledata = readModuledata(memory, moduledataAddress, minor);
    return use({ ...headers, pclntab, moduledataAddress, moduledata });
  });
}

/** The release of Go 1 that an intact program was built with. */
export function minorOf(path: string): number {
  const info = withHeaders(path, ({ file, elf, memory }) => readBuildInfo(file, elf, memory));
  if (!info) throw new Error(`${path} is no Go program`);
  return info.goVersion.minor;
}

/** How the binary room says that a file is bad: inside of it, and to users. */
export function isBadFile(error: unknown): boolean {
  return error instanceof BadBinary || error instanceof UserError;
}
