import { readBuildInfo } from "../../../src/binary/build-info.ts";
import { findSection } from "../../../src/binary/elf.ts";
import { versionOf } from "../../../src/offsets/version.ts";
import { isBadFile, withHeaders } from "../support/program.ts";
import { fileSubject, type Target } from "../support/target.ts";

export const target: Target = {
  name: "build info",
  isRefusal: isBadFile,
  subjects: ({ small }, directory) =>
    small.map((path) => {
      const regions = withHeaders(path, ({ file, elf }) => {
        const offset = findSection(elf, file, ".go.buildinfo")?.fileOffset ?? 0;
        const text = wholeText(file.bytes(0, file.size));
        return [
          { name: "build info", offset, size: 512 },
          { name: "head of build info", offset, size: 48 },
          { name: "modules", offset: text.offset, size: text.size },
        ];
      });
      return fileSubject(path, directory, regions, read);
    }),
};

function read(path: string): void {
  withHeaders(path, ({ file, elf, memory }) => {
    const info = readBuildInfo(file, elf, memory);
    if (!info) return;
    versionOf("std", info);
    for (const { path } of info.modules) versionOf(path, info);
  });
}

/** From "path\t…" on; before Go 1.18 it isn't behind the head. */
function wholeText(file: Buffer): { readonly offset: number; readonly size: number } {
  const start = file.indexOf("path\texample.com/small\n");
  return { offset: Math.max(0, start), size: start < 0 ? 0 : 256 };
}
