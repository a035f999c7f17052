// Sections as they stand in the file, compressed or not.
import { readDebugSection } from "../../../src/binary/dwarf/debug-sections.ts";
import { findSection, readElf } from "../../../src/binary/elf.ts";
import { isBadFile, withFile } from "../support/program.ts";
import { headerRegions, sectionRegions } from "../support/regions.ts";
import { fileSubject, type Target } from "../support/target.ts";

/** The smaller ones: what is tried here is how they are packed. */
const wanted = [".debug_abbrev", ".debug_str", ".debug_line_str", ".debug_gdb_scripts"];

export const target: Target = {
  name: "debug sections",
  isRefusal: isBadFile,
  subjects({ small }, directory) {
    const withDwarf = small.filter((path) =>
      withFile(path, (file) => findSection(readElf(file), file, ".debug_abbrev") !== undefined),
    );
    return withDwarf.map((path) => {
      const regions = withFile(path, (file) => {
        const elf = readElf(file);
        const [, , sections] = headerRegions(file);
        return [
          ...(sections ? [sections] : []),
          ...sectionRegions(elf, /^\.debug_(abbrev|str|line_str)$/, 24),
          ...sectionRegions(elf, /^\.debug_(abbrev|str|line_str)$/),
        ];
      });
      return fileSubject(path, directory, regions, read);
    });
  },
};

function read(path: string): void {
  withFile(path, (file) => {
    const elf = readElf(file);
    for (const name of wanted) readDebugSection(file, elf, name);
  });
}
