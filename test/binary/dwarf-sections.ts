import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";

/** The sections of a 64-bit little-endian ELF file by name, decompressed, without the help of the code under test. */
export function elfSections(path: string): (name: string) => Buffer | undefined {
  const file = readFileSync(path);
  const [table, size, count] = [
    Number(file.readBigUInt64LE(40)),
    file.readUInt16LE(58),
    file.readUInt16LE(60),
  ];
  const headers = Array.from({ length: count }, (_, index) => file.subarray(table + index * size));
  const contents = (header: Buffer) => {
    const [offset, length] = [Number(header.readBigUInt64LE(24)), Number(header.readBigUInt64LE(32))];
    const bytes = file.subarray(offset, offset + length);
    const isCompressed = (header.readUInt32LE(8) & 0x800) !== 0; // behind an Elf64_Chdr of 24 bytes
    return isCompressed ? inflateSync(bytes.subarray(24)) : bytes;
  };
  const namesHeader = headers[file.readUInt16LE(62)];
  const names = namesHeader ? contents(namesHeader) : Buffer.alloc(0);
  const nameOf = (header: Buffer) => {
    const start = header.readUInt32LE(0);
    return names.toString("latin1", start, names.indexOf(0, start));
  };
  return (name) => {
    const header = headers.find((candidate) => nameOf(candidate) === name);
    return header && contents(header);
  };
}
