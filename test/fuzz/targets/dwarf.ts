// Abbreviations, units, entries and strings of DWARF 4 and 5, as Go's and C's compilers write them.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDebugTypes } from "../../../src/binary/dwarf.ts";
import { elfSections } from "../../binary/dwarf-sections.ts";
import type { Region } from "../support/mutator.ts";
import { isBadFile } from "../support/program.ts";
import { bufferSubject, type Subject, type Target } from "../support/target.ts";

const names = [".debug_abbrev", ".debug_info", ".debug_str", ".debug_line_str", ".debug_str_offsets"];
/** Of Go's unit of all types, which takes 20 ms as a whole. */
const entriesKept = 16 * 1024;

export const target: Target = {
  name: "DWARF",
  isRefusal: isBadFile,
  subjects: ({ small }, directory) => [
    ...small.flatMap((path) => goSubject(path)),
    ...["4", "5"].flatMap((version) =>
      ["gcc", "clang"].map((compiler) =>
        subject(elfSections(compiled(compiler, version, directory)), "point"),
      ),
    ),
  ],
};

function goSubject(path: string): Subject[] {
  const section = elfSections(path);
  const info = section(".debug_info");
  if (!info) return [];
  const unit = startOfTypes(info);
  const wanted = ["main.item", "runtime.g", "main.price", "runtime.m"];
  return [subject((name) => (name === ".debug_info" ? unit : section(name)), wanted[0] ?? "")];
}

/** The sections in one buffer, so that one mutation can break any of them. */
function subject(section: (name: string) => Buffer | undefined, struct: string): Subject {
  const parts = names.map((name) => ({ name, bytes: section(name) ?? Buffer.alloc(0) }));
  const regions: Region[] = [];
  for (const { name, bytes } of parts)
    regions.push({ name, offset: regions.reduce((sum, { size }) => sum + size, 0), size: bytes.length });
  const whole = Buffer.concat(parts.map(({ bytes }) => bytes));
  const read = (bytes: Buffer) => {
    const types = openDebugTypes((name) => {
      const region = regions.find((each) => each.name === name);
      return region && bytes.subarray(region.offset, region.offset + region.size);
    });
    for (const name of [struct, "no.Such"]) types?.struct(name);
  };
  return bufferSubject(whole, read, regions);
}

/** The first entries of the largest unit, which Go's linker puts all types into. */
function startOfTypes(info: Buffer): Buffer {
  let largest = info.subarray(0, 0);
  for (let at = 0; at < info.length; at += 4 + info.readUInt32LE(at)) {
    const unit = info.subarray(at, at + 4 + info.readUInt32LE(at));
    if (unit.length > largest.length) largest = unit;
  }
  const start = Buffer.from(largest.subarray(0, entriesKept));
  start.writeUInt32LE(start.length - 4);
  return start;
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
