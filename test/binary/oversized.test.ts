// More of something than any program has, made so that reading all of it would take minutes or gigabytes.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { openDebugTypes } from "../../src/binary/dwarf/index.ts";
import { readElf } from "../../src/binary/elf.ts";
import { BinaryFile } from "../../src/binary/file.ts";
import { readBuildId } from "../../src/binary/notes.ts";
import { scratchFile } from "./programs.ts";

const headerSize = 64;

interface Section {
  readonly name: number;
  readonly type: number;
  readonly offset: number;
  readonly size: number;
}

/** An ELF file with one loaded segment, this content behind its header, and these sections, of names at `names`. */
function elfWith(t: TestContext, content: Buffer, sections: readonly Section[], names: Section): BinaryFile {
  const header = Buffer.alloc(headerSize);
  header.write("\x7fELF\x02\x01\x01", "latin1");
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(62, 18);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56);
  header.writeBigUInt64LE(BigInt(headerSize + 56 + content.length), 40);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(sections.length + 1, 60);
  header.writeUInt16LE(sections.length, 62);
  const segment = Buffer.alloc(56);
  segment.writeUInt32LE(1, 0);
  const table = [...sections, names].map(({ name, type, offset, size }) => {
    const section = Buffer.alloc(64);
    section.writeUInt32LE(name, 0);
    section.writeUInt32LE(type, 4);
    section.writeBigUInt64LE(BigInt(headerSize + 56 + offset), 24);
    section.writeBigUInt64LE(BigInt(size), 32);
    return section;
  });
  const path = scratchFile(t);
  writeFileSync(path, Buffer.concat([header, segment, content, ...table]));
  const file = new BinaryFile(path);
  t.after(() => file.close());
  return file;
}

test("names of sections that have no end", (t) => {
  const file = (sections: number, size: number) => {
    const all = Array.from({ length: sections }, (_, i) => ({ name: i, type: 1, offset: 0, size: 16 }));
    return elfWith(t, Buffer.alloc(size, "x"), all, { name: 0, type: 3, offset: 0, size });
  };
  assert.equal(readElf(file(30, 500)).sections.length, 31);
  assert.equal(readElf(file(30, 1 << 20)).sections.length, 1, "as if there were none");
  assert.equal(readElf(file(4095, 500)).sections.length, 1);
});

test("sections full of notes", (t) => {
  const note = Buffer.alloc(16);
  note.writeUInt32LE(4, 0);
  note.write("Og\0\0", 12);
  const size = 64 * 1024;
  const content = Buffer.concat([Buffer.alloc(size, note), Buffer.from("names\0")]);
  const all = Array.from({ length: 500 }, () => ({ name: 0, type: 7, offset: 0, size }));
  const file = elfWith(t, content, all, { name: 0, type: 3, offset: size, size: 6 });
  const elf = readElf(file);
  assert.equal(elf.sections.length, 501);
  const before = process.memoryUsage().heapUsed;
  assert.equal(readBuildId(file, elf), undefined);
  assert.ok(process.memoryUsage().heapUsed - before < 100 << 20);
});

const sections = (info: Buffer, abbreviations: Buffer) => (name: string) =>
  ({ ".debug_info": info, ".debug_abbrev": abbreviations })[name];

/** A unit of DWARF 4 that starts with the entries' shapes of `abbreviations`. */
function unit(entries: Buffer): Buffer {
  const start = Buffer.from([0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 8]);
  start.writeUInt32LE(start.length - 4 + entries.length);
  return Buffer.concat([start, entries]);
}

const [name, byString, byData1] = [0x03, 0x08, 0x0b];
const abbreviations = Buffer.from([
  ...[1, 0x11, 1, 0x25, byString, name, byString, 0, 0], // unit: producer, name
  ...[2, 0x13, 0, name, byString, 0x0b, byData1, 0, 0], // struct without fields
  0,
]);
const go = (producer: string) =>
  unit(
    Buffer.concat([Buffer.from([1]), Buffer.from(`${producer}\0runtime\0`), Buffer.from([2, 0x54, 0, 8, 0])]),
  );

test("units without number, and a text of megabytes", () => {
  const struct = (info: Buffer) => openDebugTypes(sections(info, abbreviations))?.struct("T");
  assert.deepEqual(struct(go("gc")), { name: "T", size: 8, fields: [] });
  assert.ok(struct(Buffer.concat([Buffer.alloc(1000 * 12, unit(Buffer.from([0]))), go("gc")])));
  assert.equal(
    struct(Buffer.concat([Buffer.alloc(300_000 * 12, unit(Buffer.from([0]))), go("gc")])),
    undefined,
  );
  assert.ok(struct(go("x".repeat(10_000))));
  assert.equal(struct(go("x".repeat(2 << 20))), undefined);
});
