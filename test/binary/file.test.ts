import assert from "node:assert/strict";
import { truncateSync, writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { BadBinary } from "../../src/binary/bad-binary.ts";
import type { Segment } from "../../src/binary/elf.ts";
import { BinaryFile } from "../../src/binary/file.ts";
import { Memory } from "../../src/binary/memory.ts";
import { randomNumbers } from "../fuzz/support/random.ts";
import { scratchFile } from "./programs.ts";

/** Larger than the cache of pages, and no multiple of a page. */
const size = 9_000_004;
const base = 0x400000;

/** A file whose every word of 4 bytes is its own number. */
function numberedFile(t: TestContext): { file: BinaryFile; content: Buffer } {
  const content = Buffer.from(Uint32Array.from({ length: size / 4 }, (_, i) => i).buffer);
  const path = scratchFile(t);
  writeFileSync(path, content);
  const file = new BinaryFile(path);
  t.after(() => file.close());
  return { file, content };
}

function segment(address: number, fileOffset: number, fileSize: number): Segment {
  return {
    type: "load",
    address,
    fileOffset,
    fileSize,
    memorySize: fileSize,
    executable: false,
    writable: false,
  };
}

test("gives the bytes of the file wherever they are asked for", (t) => {
  const { file, content } = numberedFile(t);
  const random = randomNumbers(1);
  for (let i = 0; i < 3000; i++) {
    const offset = random(size);
    const length = Math.min(size - offset, random(i % 10 === 0 ? 100_000 : 50));
    assert.ok(file.bytes(offset, length).equals(content.subarray(offset, offset + length)));
  }
});

test("numbers are right when reads far apart push each other out of the cache", (t) => {
  const { file, content } = numberedFile(t);
  const memories = [0, 1].map(() => new Memory(file, [segment(base, 0, size)]));
  const random = randomNumbers(2);
  for (let i = 0; i < 30_000; i++) {
    // Near the same place again and again, with one of two readers, and anywhere else in between.
    const offset = i % 3 === 0 ? random(size - 8) : 4_000_000 + random(60);
    const memory = memories[i % 2];
    assert.equal(memory?.u32(base + offset), content.readUInt32LE(offset));
    assert.equal(memory?.u16(base + offset), content.readUInt16LE(offset));
    assert.equal(memory?.u8(base + offset), content[offset]);
  }
});

test("searches see each byte, and those at the seams twice", (t) => {
  const { file, content } = numberedFile(t);
  for (const [offset, length, overlap] of [
    [0, size, 0],
    [5, size - 7, 31],
    [3, 10, 4],
    [0, 0, 0],
  ] as const) {
    let end = offset;
    for (const chunk of file.chunks(offset, length, overlap)) {
      assert.equal(chunk.offset, end === offset ? offset : end - overlap);
      assert.ok(chunk.data.equals(content.subarray(chunk.offset, chunk.offset + chunk.data.length)));
      end = chunk.offset + chunk.data.length;
    }
    assert.equal(end, offset + length);
  }
});

test("a search in a search disturbs neither", (t) => {
  const { file, content } = numberedFile(t);
  for (const outer of file.chunks(0, 2_000_000)) {
    for (const inner of file.chunks(4_000_000, 2_000_000)) assert.equal(inner.data[0], content[inner.offset]);
    assert.ok(outer.data.equals(content.subarray(outer.offset, outer.offset + outer.data.length)));
  }
});

test("nothing outside the file, and nothing huge", (t) => {
  const { file } = numberedFile(t);
  for (const [offset, length] of [
    [size, 1],
    [size - 1, 2],
    [-1, 1],
    [Number.NaN, 1],
    [0, -1],
    [0, Number.NaN],
    [0, 2 ** 40],
    [2 ** 60, 8],
  ] as const) {
    assert.throws(() => file.bytes(offset, length), BadBinary, `${offset}, ${length}`);
  }
  assert.throws(() => [...file.chunks(0, size + 1)], BadBinary);
  assert.throws(() => [...file.chunks(0, size, 10_000_000)], BadBinary);
  truncateSync(file.path, 1000);
  assert.throws(() => file.bytes(6_000_000, 10), /became shorter/);
});

test("memory knows what its segments hold, and no more", (t) => {
  const { file, content } = numberedFile(t);
  const memory = new Memory(file, [segment(base, 0x1000, 0x100), segment(base + 0x5000, 0x2000, 0x80)]);
  assert.equal(memory.u64(base + 0x5000), Number(content.readBigUInt64LE(0x2000) & 0x1fffffffffffffn));
  assert.equal(memory.offsetOf(base + 0xff), 0x10ff);
  assert.equal(memory.available(base + 0xf0), 0x10);
  for (const [address, length] of [
    [base + 0x100, 1],
    [base + 0xff, 2],
    [base - 1, 1],
    [base + 0x5080, 1],
    [0, 8],
    [Number.NaN, 1],
  ] as const) {
    assert.equal(memory.offsetOf(address, length), undefined);
    assert.throws(() => memory.bytes(address, length), BadBinary);
  }
  // The page of a read reaches over the segment's ends; a number there must not.
  memory.u8(base + 0xff);
  assert.throws(() => memory.u8(base + 0x100), BadBinary);
  assert.throws(() => memory.u32(base + 0xfe), BadBinary);
  assert.throws(() => memory.u8(base - 1), BadBinary);
});
