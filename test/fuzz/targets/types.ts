// The runtime's own metadata of types, and the itabs.
import type { Moduledata } from "../../../src/binary/moduledata.ts";
import type { GoBinary } from "../../../src/binary/types.ts";
import { isBadFile, minorOf, type Tables, withBinary, withTables } from "../support/program.ts";
import { pick, type Random } from "../support/random.ts";
import { memoryRegion } from "../support/regions.ts";
import { fileSubject, type Subject, type Target } from "../support/target.ts";

const names = ["main.item", "main.price", "main.missing", "runtime.g", "os.File", "main.absent"];

export const target: Target = {
  name: "types and itabs",
  isRefusal: isBadFile,
  subjects: ({ small }, directory) =>
    small.map((path) => withTables(path, minorOf(path), (tables) => subject(path, directory, tables))),
};

function subject(path: string, directory: string, tables: Tables): Subject {
  const { moduledata, moduledataAddress, memory } = tables;
  const { types, typelinks, itablinks, itabs } = moduledata;
  const lists = [typelinks, itablinks, itabs].flatMap((list) => list ?? []);
  const firstItab = itablinks ? memory.pointer(itablinks.address) : (itabs?.address ?? 0);
  const regions = [
    memoryRegion(tables, "moduledata", moduledataAddress, 416),
    memoryRegion(tables, "types", types.start, types.end - types.start),
    memoryRegion(tables, "first types", types.start, 4096),
    ...lists.map((list) => memoryRegion(tables, "list", list.address, list.length)),
    memoryRegion(tables, "itabs", firstItab, 4096),
  ];
  return fileSubject(path, directory, regions, (broken, random) =>
    withBinary(broken, (binary) => read(binary, types, random)),
  );
}

function read(
  { types, itabs, itabsOf }: GoBinary,
  { start, end }: Moduledata["types"],
  random: Random,
): void {
  types.prepare(names);
  const name = pick(names, random);
  for (const { offset } of types.struct(name)?.fields ?? [])
    if (!Number.isSafeInteger(offset)) throw new Error(`${name}: ${offset}`);
  types.map("main.index");
  for (let i = 0; i < 20; i++) types.nameAt(start + random((end - start) / 8) * 8);
  for (const itab of itabs().slice(0, 50)) `${itab.interfaceName} ${itab.concreteName}`;
  itabsOf("error");
}
