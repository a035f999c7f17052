// What the dynamic loader writes into position-independent programs.
import { readElf } from "../../../src/binary/elf.ts";
import { isBadFile, withFile, withHeaders } from "../support/program.ts";
import type { Random } from "../support/random.ts";
import { sectionRegions, segmentRegions } from "../support/regions.ts";
import { fileSubject, type Target } from "../support/target.ts";

export const target: Target = {
  name: "relocations",
  isRefusal: isBadFile,
  subjects({ small }, directory) {
    const pies = small.filter((path) => withFile(path, (file) => readElf(file).pie));
    return pies.map((path) => {
      const regions = withFile(path, (file) => {
        const elf = readElf(file);
        return [
          ...segmentRegions(elf, "dynamic"),
          { name: "program headers", offset: 64, size: elf.segments.length * 56 },
          ...sectionRegions(elf, /^\.rel[ar]/),
        ];
      });
      return fileSubject(path, directory, regions, read);
    });
  },
};

function read(path: string, random: Random): void {
  withHeaders(path, ({ elf, relocations, memory }) => {
    const { address = 0, fileSize = 0 } = elf.segments.find(({ writable }) => writable) ?? {};
    for (let i = 0; i < 20; i++) relocations?.at(address + random(fileSize));
    for (const at of relocations?.addressesOf(address) ?? []) if (memory.offsetOf(at)) memory.pointer(at);
  });
}
