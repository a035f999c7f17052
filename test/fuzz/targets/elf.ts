// Headers, sections, notes, the dynamic section.
import { dynamicEntries } from "../../../src/binary/dynamic.ts";
import { findSection, readElf } from "../../../src/binary/elf.ts";
import { Memory } from "../../../src/binary/memory.ts";
import { hasGoNote, readBuildId } from "../../../src/binary/notes.ts";
import { isBadFile, withFile } from "../support/program.ts";
import type { Random } from "../support/random.ts";
import { headerRegions, sectionRegions, segmentRegions } from "../support/regions.ts";
import { fileSubject, type Target } from "../support/target.ts";

export const target: Target = {
  name: "elf",
  isRefusal: isBadFile,
  subjects: ({ small }, directory) =>
    small.map((path) => {
      const regions = withFile(path, (file) => {
        const elf = readElf(file);
        return [
          ...headerRegions(file),
          ...sectionRegions(elf, /^\.(shstrtab|note\..*|dynamic)$/),
          ...segmentRegions(elf, "note"),
          ...segmentRegions(elf, "dynamic"),
        ];
      });
      return fileSubject(path, directory, regions, read);
    }),
};

function read(path: string, random: Random): void {
  withFile(path, (file) => {
    const elf = readElf(file);
    readBuildId(file, elf);
    hasGoNote(file, elf);
    dynamicEntries(file, elf);
    for (const name of [".symtab", ".gopclntab", ".go.buildinfo", ".absent"]) findSection(elf, file, name);
    const memory = new Memory(file, elf.segments);
    const { address = 0 } = elf.segments[random(elf.segments.length)] ?? {};
    for (const at of [address, address + random(1 << 20), 2 ** random(54)])
      if (memory.offsetOf(at, 8) !== undefined) memory.bytes(at, 8);
  });
}
