// The function table and the module data that says where it is.
import type { Moduledata } from "../../../src/binary/moduledata.ts";
import type { GoBinary } from "../../../src/binary/types.ts";
import { isBadFile, minorOf, type Tables, withBinary, withTables } from "../support/program.ts";
import type { Random } from "../support/random.ts";
import { memoryRegion } from "../support/regions.ts";
import { fileSubject, type Subject, type Target } from "../support/target.ts";

export const target: Target = {
  name: "functions",
  isRefusal: isBadFile,
  subjects: ({ small }, directory) =>
    small.map((path) => withTables(path, minorOf(path), (tables) => subject(path, directory, tables))),
};

function subject(path: string, directory: string, tables: Tables): Subject {
  const { pclntab, moduledata, moduledataAddress } = tables;
  const regions = [
    memoryRegion(tables, "pcHeader", pclntab.address, 72),
    memoryRegion(tables, "function names", pclntab.names, 64 * 1024),
    memoryRegion(tables, "functab", moduledata.ftab.address, 64 * 1024),
    memoryRegion(tables, "functions", moduledata.ftab.address, 512 * 1024),
    memoryRegion(tables, "moduledata", moduledataAddress, 416),
  ];
  return fileSubject(path, directory, regions, (broken, random) =>
    withBinary(broken, (binary) => read(binary, moduledata.text, random)),
  );
}

function read(binary: GoBinary, { start, end }: Moduledata["text"], random: Random): void {
  const { functions } = binary;
  for (let i = 0; i < 10; i++) functions.at(start + random(end - start));
  let listed = 0;
  for (const fn of functions.all()) {
    if (fn.end < fn.address) throw new Error(`${fn.name} ends before it starts`);
    if (++listed > 50) break;
  }
  // A pass over everything.
  if (random(8) > 0) return;
  functions.hasPackage("runtime");
  for (const found of functions.findAll(new Set(["main.main", "no.such"])).values())
    for (const fn of found) binary.code(fn);
}
