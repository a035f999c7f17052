// Compressed sections: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.sheader.html#compression_header
import { inflateSync } from "node:zlib";
import { log } from "../../report/log.ts";
import { type Elf, findSection, type Section } from "../elf.ts";
import type { BinaryFile } from "../file.ts";

/** Bytes, decompressed: that of a program of about 45 MB. See docs/decisions/0006-dwarf-of-large-programs.md. */
const maxSize = 12 * 1024 * 1024;
const compressionHeader = 24;
const zlibType = 1;
/** Deflate makes at most 1,032 bytes of one. */
const maxRatio = 1032;

/** The contents of a debug section, decompressed; undefined when it is missing, too large, or can't be had. */
export function readDebugSection(file: BinaryFile, elf: Elf, name: string): Uint8Array | undefined {
  const section = findSection(elf, file, name);
  if (!section) return undefined;
  const size = section.compressed ? decompressedSize(file, section) : section.size;
  if (size === undefined) return undefined;
  if (size > maxSize) {
    log.debug(`${name}: not read, as it has ${size} bytes`);
    return undefined;
  }
  const bytes = Buffer.allocUnsafeSlow(section.size);
  for (const { offset, data } of file.chunks(section.fileOffset, section.size)) {
    data.copy(bytes, offset - section.fileOffset);
  }
  return section.compressed ? decompress(bytes, size, name) : bytes;
}

/** As its header says; undefined when that can't be true. */
function decompressedSize(file: BinaryFile, { fileOffset, size }: Section): number | undefined {
  if (size < compressionHeader) return undefined;
  const header = file.bytes(fileOffset, compressionHeader);
  const said = Number(header.readBigUInt64LE(8));
  return header.readUInt32LE(0) === zlibType && said <= size * maxRatio ? said : undefined;
}

function decompress(bytes: Buffer, size: number, name: string): Uint8Array | undefined {
  try {
    const data = bytes.subarray(compressionHeader);
    // In one piece: of several, zlib would hold all and their sum at once.
    return inflateSync(data, { maxOutputLength: Math.max(1, size), chunkSize: Math.max(64, size + 1) });
  } catch (error) {
    log.debug(`${name}: ${(error as Error).message}`);
    return undefined;
  }
}
