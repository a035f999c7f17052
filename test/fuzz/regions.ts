import { readBuildInfo } from "../../src/binary/build-info.ts";
import { Descriptors } from "../../src/binary/descriptor.ts";
import { type Elf, readElf } from "../../src/binary/elf.ts";
import { BinaryFile } from "../../src/binary/file.ts";
import { readItabs } from "../../src/binary/itabs.ts";
import { Memory } from "../../src/binary/memory.ts";
import { locateModuledata, readModuledata } from "../../src/binary/moduledata.ts";
import { locatePclntab } from "../../src/binary/pclntab.ts";
import { Relocations } from "../../src/binary/relocations.ts";
import { searchByName } from "../../src/binary/type-search.ts";
import type { Region } from "./mutations.ts";

/** The parts of a Go program whose bytes the binary room believes: where a wrong one can do harm. */
export function regionsOf(path: string): readonly Region[] {
  const file = new BinaryFile(path);
  const elf = readElf(file);
  const regions = [...headers(file), ...sections(elf), ...tables(file, elf)];
  file.close();
  return regions.filter(({ size }) => size >= 8);
}

function headers(file: BinaryFile): Region[] {
  const header = file.bytes(0, 64);
  return [
    { name: "ELF header", offset: 0, size: 64 },
    {
      name: "program headers",
      offset: Number(header.readBigUInt64LE(32)),
      size: header.readUInt16LE(56) * 56,
    },
    {
      name: "section headers",
      offset: Number(header.readBigUInt64LE(40)),
      size: header.readUInt16LE(60) * 64,
    },
  ];
}

const interesting =
  /^\.(dynamic|shstrtab|symtab|strtab|rela|rela\.dyn|debug_.*|go\.buildinfo|note\..*|.*typelink|.*itablink)$/;

function sections(elf: Elf): Region[] {
  return elf.sections
    .filter(({ name, type }) => type !== "nobits" && interesting.test(name))
    .map(({ name, fileOffset, size }) => ({ name, offset: fileOffset, size: Math.min(size, 64 * 1024) }));
}

/** Tables that are parts of sections, and the descriptors of a few types that the test looks up. */
function tables(file: BinaryFile, elf: Elf): Region[] {
  const relocations = elf.pie ? new Relocations(file, elf) : undefined;
  const memory = new Memory(file, elf.segments, relocations && ((address) => relocations.at(address)));
  const pclntab = locatePclntab(file, elf, memory);
  const minor = readBuildInfo(file, elf, memory)?.goVersion.minor;
  if (!pclntab || !minor) throw new Error(`${file.path} is no Go program`);
  const address = locateModuledata({ file, elf, memory, relocations, pclntab });
  const moduledata = readModuledata(memory, address, minor);
  const types = new Descriptors(memory, moduledata, minor);
  const [request, header] = ["Request", "Header"].map(
    (name) => searchByName(types, "net/http", name)[0] ?? 0,
  );
  const [itab] = readItabs(types, moduledata, () => undefined);
  const places: [name: string, address: number, size: number][] = [
    ["pcHeader", pclntab.address, 72],
    ["function names", pclntab.names, 64 * 1024],
    ["functab", moduledata.ftab.address, 64 * 1024],
    ["functions", moduledata.ftab.address + moduledata.ftab.length * 8, 256 * 1024],
    ["moduledata", address, 416],
    ["types", types.start, types.end - types.start],
    ["type of Request", request ?? 0, 112],
    ["fields of Request", types.fields(request ?? 0).address, 600],
    ["type of Header", header ?? 0, 152],
    ["itabs", itab?.address ?? 0, 4096],
  ];
  return places.map(([name, address, size]) => ({ name, offset: memory.offsetOf(address) ?? 0, size }));
}
