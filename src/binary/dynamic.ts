// The dynamic section: https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.dynamic.html
import type { Elf } from "./elf.ts";
import type { BinaryFile } from "./file.ts";

export const dynamicTag = { needed: 1, stringTable: 5, rela: 7, relaSize: 8 } as const;

/** Linkers write about 30 entries, and one for each library. Bytes. */
const maxSize = 64 * 1024;
const entrySize = 16;

/** What a program tells the dynamic loader, up to the end mark; nothing for one that isn't loaded dynamically. */
export function dynamicEntries(
  file: BinaryFile,
  elf: Elf,
): readonly { readonly tag: number; readonly value: number }[] {
  const segment = elf.segments.find(({ type }) => type === "dynamic");
  if (!segment) return [];
  const size = Math.min(segment.fileSize, maxSize, Math.max(0, file.size - segment.fileOffset));
  const bytes = file.bytes(segment.fileOffset, size);
  const entries: { tag: number; value: number }[] = [];
  for (let at = 0; at + entrySize <= bytes.length; at += entrySize) {
    const tag = u64(bytes, at);
    if (tag === 0) break;
    entries.push({ tag, value: u64(bytes, at + 8) });
  }
  return entries;
}

/** Numbers above 2^53 lose their last bits here: no tag, size or address of a program is one. */
function u64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + 4) * 0x100000000 + bytes.readUInt32LE(at);
}
