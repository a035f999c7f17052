// Tables that say what no compiler writes: counts, places, and types that lead in circles.
import assert from "node:assert/strict";
import { closeSync, openSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { Descriptors, Kind } from "../../src/binary/runtime-types/descriptor.ts";
import { openTypelinks } from "../../src/binary/runtime-types/typelinks.ts";
import { type Tables, withTables } from "../fuzz/support/program.ts";
import { ElfImage } from "./edit-elf.ts";
import { openUntilEnd, scratchFile, serverPath } from "./programs.ts";
import { isRefusal, refused } from "./refused.ts";

const minor = 26;
const build = { go: "1.26.8", flags: ["-ldflags=-s -w"] };
/** Byte offsets in moduledata of Go 1.26 and in descriptors of types. */
const [ftab, textsectmap, itablinks] = [128, 336, 384];
const [elemOfPointer, keyOfMap, elemOfMap, fieldsOfStruct] = [48, 48, 56, 56];
const functionCount = 8;
const lengthOfSlice = 8;

type Word = readonly [address: number, value: number | bigint];

/** A copy of the server, or of `original`, that has other words at some addresses of its memory. */
async function changed(
  t: TestContext,
  words: (tables: Tables) => readonly Word[],
  original?: string,
): Promise<string> {
  const path = original ?? scratchFile(t, await serverPath(build));
  const changes = withTables(path, minor, (tables) =>
    words(tables).map(([address, value]) => ({ offset: tables.memory.offsetOf(address) ?? 0, value })),
  );
  const file = openSync(path, "r+");
  for (const { offset, value } of changes) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    writeSync(file, bytes, 0, bytes.length, offset);
  }
  closeSync(file);
  return path;
}

function refusesItabs(t: TestContext, path: string, reason: RegExp): void {
  const binary = openUntilEnd(t, path);
  for (const read of [() => binary.itabs(), () => binary.itabsOf("error")])
    assert.throws(read, (error) => isRefusal(error, path, reason, 6));
}

for (const power of [20, 40, 60, 63]) {
  const count = 2n ** BigInt(power);
  test(`tables of 2^${power} entries`, async (t) => {
    const slice = (at: number) =>
      changed(t, ({ moduledataAddress }) => [[moduledataAddress + at + lengthOfSlice, count]]);
    const functions = await changed(t, ({ pclntab }) => [[pclntab.address + functionCount, count]]);
    refused(functions, /damaged/);
    refused(await slice(textsectmap), /damaged.*(text sections|too large)/);
    if (power > 50) refused(await slice(ftab), /damaged.*too large/);
    if (power > 50) refused(await slice(itablinks), /damaged.*too large/);
    else refusesItabs(t, await slice(itablinks), /damaged.*list of itabs is outside the file/);
  });
}

test("a gigabyte of itabs that takes no room on the disk", async (t) => {
  const [address, size] = [0x7f0000000000n, 2n ** 30n];
  const path = scratchFile(t);
  const { bytes } = new ElfImage(await serverPath(build)).addSegment(address, size);
  writeFileSync(path, bytes);
  truncateSync(path, bytes.length + Number(size));
  await changed(
    t,
    ({ moduledataAddress: at }) => [
      [at + itablinks, address],
      [at + itablinks + lengthOfSlice, size / 8n],
    ],
    path,
  );
  refusesItabs(t, path, /damaged.*number of itabs/);
});

test("a program of 3 GB", async (t) => {
  const path = scratchFile(t);
  const { bytes } = new ElfImage(await serverPath(build)).addSegment(0x7f0000000000n, 3n * 2n ** 30n);
  writeFileSync(path, bytes);
  truncateSync(path, bytes.length + 3 * 2 ** 30);
  refused(path, /damaged.*segments have/);
});

/** The first descriptor of an unnamed type of this kind and text. */
function descriptor({ memory, moduledata }: Tables, kind: number, text = /./): number {
  const types = new Descriptors(memory, moduledata, minor);
  if (!moduledata.typelinks) throw new Error("no typelinks");
  const links = openTypelinks(types, moduledata.typelinks);
  for (let i = 0; i < links.length; i++) {
    const address = links.at(i);
    if (types.kind(address) === kind && text.test(types.text(address))) return address;
  }
  throw new Error(`no type of kind ${kind}`);
}

test("types that lead in circles", async (t) => {
  const path = await serverPath(build);
  const { request, pointer, map } = withTables(path, minor, (tables) => ({
    request: tables.memory.pointer(descriptor(tables, Kind.pointer, /^\*http\.Request$/) + elemOfPointer),
    pointer: descriptor(tables, Kind.pointer),
    map: descriptor(tables, Kind.map),
  }));
  const intact = openUntilEnd(t, path).types.struct("net/http.Request");
  const circles = await changed(t, ({ memory }) => {
    const fields = memory.pointer(request + fieldsOfStruct);
    return [
      [pointer + elemOfPointer, pointer],
      [map + keyOfMap, map],
      [map + elemOfMap, map],
      [fields + 8, pointer],
      [fields + 24 + 8, map],
    ];
  });
  const { types } = openUntilEnd(t, circles);
  assert.match(types.nameAt(pointer) ?? "", /^\*{16}/);
  assert.equal(types.nameAt(map), undefined);
  assert.equal(types.struct("net/http.Request"), undefined, "a field whose type has no end");
  const onlyPointer = await changed(t, ({ memory }) => [
    [pointer + elemOfPointer, pointer],
    [memory.pointer(request + fieldsOfStruct) + 8, pointer],
  ]);
  const layout = openUntilEnd(t, onlyPointer).types.struct("net/http.Request");
  const offsets = (fields: typeof intact) => fields?.fields.map(({ name, offset }) => [name, offset]);
  assert.deepEqual(offsets(layout), offsets(intact));
});

test("a struct that has itself as a field, and one with a million fields", async (t) => {
  const path = await serverPath(build);
  const request = withTables(path, minor, (tables) =>
    tables.memory.pointer(descriptor(tables, Kind.pointer, /^\*http\.Request$/) + elemOfPointer),
  );
  const inItself = await changed(t, ({ memory }) => [
    [memory.pointer(request + fieldsOfStruct) + 8, request],
  ]);
  const [first] = openUntilEnd(t, inItself).types.struct("net/http.Request")?.fields ?? [];
  assert.equal(first?.typeName, "net/http.Request");
  for (const count of [10_001, 2 ** 40]) {
    const large = await changed(t, () => [[request + fieldsOfStruct + lengthOfSlice, count]]);
    assert.equal(openUntilEnd(t, large).types.struct("net/http.Request"), undefined);
  }
});

test("a list of types in the wrong order only costs a search", async (t) => {
  const path = await serverPath(build);
  const intact = openUntilEnd(t, path);
  const reversed = await changed(t, ({ memory, moduledata }) => {
    const { address = 0, length = 0 } = moduledata.typelinks ?? {};
    const offsets = Array.from({ length }, (_, i) => memory.i32(address + i * 4)).reverse();
    return Array.from({ length: length >> 1 }, (_, i): Word => {
      const [low = 0, high = 0] = [offsets[2 * i], offsets[2 * i + 1]];
      return [address + i * 8, BigInt(low) + (BigInt(high) << 32n)];
    });
  });
  const binary = openUntilEnd(t, reversed);
  for (const name of ["net/http.Request", "net/url.URL", "runtime.g"])
    assert.deepEqual(binary.types.struct(name), intact.types.struct(name));
  assert.deepEqual(binary.types.map("net/http.Header"), intact.types.map("net/http.Header"));
});
