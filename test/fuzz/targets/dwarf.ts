// Abbreviations, units, entries and strings of DWARF 4 and 5, as Go's and C's compilers write them.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDebugTypes } from "../../../src/binary/dwarf/index.ts";
import type { Sections } from "../../../src/binary/dwarf/strings.ts";
import { indexStructs } from "../../../src/binary/dwarf/structs.ts";
import { unitsNamed } from "../../../src/binary/dwarf/units.ts";
import { elfSections } from "../../binary/dwarf-sections.ts";
import type { Region } from "../support/mutator.ts";
import { isBadFile } from "../support/program.ts";
import { bufferSubject, type Subject, type Target } from "../support/target.ts";

const names = [".debug_abbrev", ".debug_info", ".debug_str", ".debug_line_str", ".debug_str_offsets"];
/** Bytes of the unit of all types, which takes some milliseconds as a whole. */
const entriesKept = 16 * 1024;

export const target: Target = {
  name: "DWARF",
  isRefusal: isBadFile,
  subjects: ({ small }, directory) => [
    ...small.flatMap((path) => goSubject(path)),
    ...["4", "5"].flatMap((version) =>
      ["gcc", "clang"].map((compiler) =>
        subject(elfSections(compiled(compiler, version, directory)), ["point"]),
      ),
    ),
  ],
};

function goSubject(path: string): Subject[] {
  const section = elfSections(path);
  if (!section(".debug_info")) return [];
  const { info, structs } = firstStructs(section);
  return [subject((name) => (name === ".debug_info" ? info : section(name)), structs)];
}

/** The unit that Go's linker puts all types into, cut off behind its first entries; and some structs that are there. */
function firstStructs(section: Sections): { readonly info: Buffer; readonly structs: readonly string[] } {
  const units = unitsNamed("runtime", section(".debug_info") ?? Buffer.alloc(0), section);
  const unit = units.find((each) => indexStructs(each, section).size > 0);
  if (!unit) throw new Error("no unit of types");
  const kept = [...indexStructs(unit, section)].filter(([, at]) => at < entriesKept);
  const [, end = 0] = kept.at(-1) ?? [];
  const info = Buffer.concat([unit.bytes.subarray(0, end), Buffer.from([0])]);
  info.writeUInt32LE(info.length - 4);
  const names = kept.slice(0, -1).map(([name]) => name);
  return { info, structs: names.filter((_, i) => i % Math.ceil(names.length / 4) === 0) };
}

/** The sections in one buffer, so that one mutation can break any of them. */
function subject(section: Sections, structs: readonly string[]): Subject {
  const parts = names.map((name) => ({ name, bytes: Buffer.from(section(name) ?? []) }));
  const regions: Region[] = [];
  for (const { name, bytes } of parts)
    regions.push({ name, offset: regions.reduce((sum, { size }) => sum + size, 0), size: bytes.length });
  const whole = Buffer.concat(parts.map(({ bytes }) => bytes));
  const open = (bytes: Buffer) =>
    openDebugTypes((name) => {
      const region = regions.find((each) => each.name === name);
      return region && bytes.subarray(region.offset, region.offset + region.size);
    });
  const read = (bytes: Buffer) => {
    const types = open(bytes);
    for (const name of [...structs, "no.Such"]) types?.struct(name);
  };
  for (const name of structs) if (!open(whole)?.struct(name)) throw new Error(`no ${name} in intact DWARF`);
  return bufferSubject(whole, read, regions);
}

/** A unit with the name of Go's. */
function compiled(compiler: string, version: string, directory: string): string {
  const source = join(directory, "runtime");
  writeFileSync(source, "struct point { int x; long y; struct point *next; char name[3]; } origin;");
  const out = join(directory, `${compiler}-${version}.so`);
  const flags = ["-x", "c", "-g", `-gdwarf-${version}`, "-shared", "-nostdlib", "-o", out, "runtime"];
  execFileSync(compiler, flags, { cwd: directory });
  return out;
}
