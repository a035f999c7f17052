// Compressed sections: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.sheader.html#compression_header
import { inflateSync } from "node:zlib";
import { log } from "../report/log.ts";
import { type Elf, findSection } from "./elf.ts";
import type { BinaryFile } from "./file.ts";

/** DWARF of a 90 MB program has 60 MB in its largest section. Larger ones aren't worth their memory. */
const maxSize = 256 * 1024 * 1024;
const compressionHeader = 24;
const zlibType = 1;
/** Deflate makes at most 1,032 bytes of one. */
const maxRatio = 1032;

/** The contents of a debug section, decompressed; undefined when it is missing or can't be had. */
export function readDebugSection(file: BinaryFile, elf: Elf, name: string): Uint8Array | undefined {
  const section = findSection(elf, file, name);
  if (!section || section.size > maxSize) return undefined;
  const bytes = Buffer.allocUnsafeSlow(section.size);
  for (const { offset, data } of file.chunks(section.fileOffset, section.size)) {
    data.copy(bytes, offset - section.fileOffset);
  }
  return section.compressed ? decompress(bytes, name) : bytes;
}

function decompress(bytes: Buffer, name: string): Uint8Array | undefined {
  if (bytes.length < compressionHeader || bytes.readUInt32LE(0) !== zlibType) return undefined;
  const size = Number(bytes.readBigUInt64LE(8));
  if (size > maxSize || size > bytes.length * maxRatio) return undefined;
  try {
    return inflateSync(bytes.subarray(compressionHeader), { maxOutputLength: Math.max(1, size) });
  } catch (error) {
    log.debug(`${name}: ${(error as Error).message}`);
    return undefined;
  }
}
