import { findSection, readElf } from "../../../src/binary/elf.ts";
import { findSymbols } from "../../../src/binary/symbols.ts";
import { isBadFile, withFile } from "../support/program.ts";
import { headerRegions, sectionRegions } from "../support/regions.ts";
import { fileSubject, type Target } from "../support/target.ts";

export const target: Target = {
  name: "symbols",
  isRefusal: isBadFile,
  subjects({ small }, directory) {
    const unstripped = small.filter((path) =>
      withFile(path, (file) => findSection(readElf(file), file, ".symtab") !== undefined),
    );
    return unstripped.map((path) => {
      const regions = withFile(path, (file) => {
        const [, , sections] = headerRegions(file);
        return [
          ...(sections ? [sections] : []),
          ...sectionRegions(readElf(file), /^\.(symtab|strtab)$/, 1 << 20),
        ];
      });
      return fileSubject(path, directory, regions, read);
    });
  },
};

function read(path: string): void {
  withFile(path, (file) => {
    const elf = readElf(file);
    for (const { address, size } of findSymbols(file, elf, "runtime.main"))
      if (!(address >= 0 && size >= 0)) throw new Error(`a symbol at ${address} of ${size} bytes`);
  });
}
