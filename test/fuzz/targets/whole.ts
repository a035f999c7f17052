// The binary room and the plan by their front doors: what `inspect` does with a file, every region broken.
import { openGoBinary } from "../../../src/binary/index.ts";
import type { GoBinary } from "../../../src/binary/types.ts";
import { libraries } from "../../../src/generated/registry.ts";
import { planLibraries } from "../../../src/plan/plan.ts";
import { UserError } from "../../../src/report/user-error.ts";
import type { Region } from "../support/mutator.ts";
import { minorOf, type Tables, withTables } from "../support/program.ts";
import type { Random } from "../support/random.ts";
import { headerRegions, memoryRegion, sectionRegions } from "../support/regions.ts";
import { fileSubject, type Target } from "../support/target.ts";

const interesting =
  /^\.(dynamic|shstrtab|symtab|strtab|rela|rela\.dyn|debug_.*|go\.buildinfo|note\..*|.*typelink|.*itablink)$/;

export const target: Target = {
  name: "whole programs",
  isRefusal: (error) => error instanceof UserError,
  subjects: ({ servers }, directory) =>
    servers.map((path) => fileSubject(path, directory, withTables(path, minorOf(path), regionsOf), read)),
};

function regionsOf(tables: Tables): Region[] {
  const { file, elf, pclntab, moduledata, moduledataAddress } = tables;
  const { types, ftab, text } = moduledata;
  return [
    ...headerRegions(file),
    ...sectionRegions(elf, interesting),
    memoryRegion(tables, "pcHeader", pclntab.address, 72),
    memoryRegion(tables, "function names", pclntab.names, 1 << 20),
    memoryRegion(tables, "functions", ftab.address, 1 << 20),
    memoryRegion(tables, "moduledata", moduledataAddress, 416),
    memoryRegion(tables, "types", types.start, types.end - types.start),
    memoryRegion(tables, "code", text.start, text.end - text.start),
  ];
}

function read(path: string, random: Random): void {
  const binary = openGoBinary(path);
  try {
    planLibraries(binary, libraries, { disabled: [], loadBias: 0, offsets: () => [] });
    lookAround(binary, random);
  } finally {
    binary.close();
  }
}

function lookAround(binary: GoBinary, random: Random): void {
  const [segment] = binary.segments;
  for (let i = 0; i < 20; i++) binary.types.nameAt((segment?.address ?? 0) + random(8_000_000));
  for (const itab of binary.itabs().slice(0, 50)) `${itab.interfaceName} ${itab.concreteName}`;
  binary.symbols("runtime.main");
  let listed = 0;
  for (const fn of binary.functions.all()) if (++listed > 200 || fn.end < fn.address) break;
}
