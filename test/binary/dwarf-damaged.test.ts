import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { openDebugTypes } from "../../src/binary/dwarf/index.ts";
import { buildGo, serverSource } from "../fixtures/go-binaries.ts";
import { elfSections } from "./dwarf-sections.ts";

const wanted = ["net/http.Request", "runtime.g", "net/url.URL", "no.Such"];

test("strings of other sections: what C compilers make of a unit with the name of Go's", async () => {
  const directory = await mkdtemp(join(tmpdir(), "dwarf-"));
  try {
    await writeFile(join(directory, "runtime"), "struct point { int x; long y; char name[3]; } origin;");
    for (const version of [4, 5]) {
      // clang writes strx1 for DWARF 5, strp for DWARF 4; gcc strp and string.
      for (const compiler of ["clang", "gcc"]) {
        const args = ["-x", "c", "-g", `-gdwarf-${version}`, "-shared", "-nostdlib", "-o", "out", "runtime"];
        await promisify(execFile)(compiler, args, { cwd: directory });
        const point = openDebugTypes(elfSections(join(directory, "out")))?.struct("point");
        assert.equal(point?.size, 24);
        assert.deepEqual(
          point.fields.map(({ name, offset }) => [name, offset]),
          [
            ["x", 0],
            ["y", 8],
            ["name", 16],
          ],
        );
      }
    }
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("without DWARF there are no debug types; without .debug_info they are empty", () => {
  assert.equal(
    openDebugTypes(() => undefined),
    undefined,
  );
  const types = openDebugTypes((name) => (name === ".debug_abbrev" ? Buffer.from([0]) : undefined));
  assert.equal(types?.struct("runtime.g"), undefined);
});

test("damaged DWARF gives no layout or any layout, and no exception", async () => {
  const section = elfSections(await buildGo({ go: "1.26.8", source: serverSource }));
  const abbreviations = section(".debug_abbrev") ?? Buffer.alloc(0);
  const info = unitOfTypes(section(".debug_info") ?? Buffer.alloc(0));
  assert.equal(lookUp(info, abbreviations), 3);
  const random = randomNumbers(7);
  const found = new Set<number>();
  for (let round = 0; round < 200; round++) {
    const [brokenInfo, brokenTable] = [Buffer.from(info), Buffer.from(abbreviations)];
    const target = round % 2 === 0 ? brokenTable : brokenInfo;
    for (let i = 0; i <= round % 8; i++) target[random() % target.length] = random();
    const end = round % 5 === 0 ? random() % info.length : info.length;
    found.add(lookUp(brokenInfo.subarray(0, end), brokenTable));
  }
  assert.ok(found.has(0), "some damage goes noticed");
});

test("more structs, fields and attributes than any program has are refused", () => {
  const name = [0x03, 0x08];
  const abbreviations = Buffer.from([
    ...[1, 0x11, 1, ...name, 0, 0], // unit
    ...[2, 0x13, 0, ...name, 0x0b, 0x0b, 0, 0], // struct without children
    ...[3, 0x13, 1, ...name, 0x0b, 0x0b, 0, 0], // struct with children
    ...[4, 0x0d, 0, 0x38, 0x0b, 0, 0], // member
    0,
  ]);
  const unit = (entries: Buffer) => {
    const start = Buffer.from([4, 0, 0, 0, 0, 0, 8, 1, ...Buffer.from("runtime\0")]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(start.length + entries.length + 1);
    return Buffer.concat([length, start, entries, Buffer.from([0])]);
  };
  const look = (info: Buffer, table = abbreviations) =>
    openDebugTypes((name) => ({ ".debug_info": info, ".debug_abbrev": table })[name])?.struct("T");
  const small = Buffer.from([2, 0x54, 0, 8]); // struct T, 8 bytes
  assert.deepEqual(look(unit(small)), { name: "T", size: 8, fields: [] });
  const manyStructs = Buffer.concat([small, Buffer.alloc(4_000_000, Buffer.from([2, 0x55, 0, 8]))]);
  assert.equal(look(unit(manyStructs)), undefined);
  const withFields = (count: number) =>
    Buffer.concat([
      Buffer.from([3, 0x54, 0, 8]),
      Buffer.alloc(2 * count, Buffer.from([4, 1])),
      Buffer.from([0]),
    ]);
  assert.equal(look(unit(withFields(3)))?.fields.length, 3);
  assert.equal(look(unit(withFields(20_000))), undefined);
  const cutOff = unit(withFields(3)).subarray(0, -2); // the list of fields has no end
  cutOff.writeUInt32LE(cutOff.length - 4);
  assert.equal(look(cutOff), undefined);
  const manyAttributes = Buffer.concat([
    Buffer.from([1, 0x11, 1]),
    Buffer.alloc(2000, 0x19),
    Buffer.from([0, 0, 0]),
  ]);
  assert.equal(look(unit(small), manyAttributes), undefined);
});

function lookUp(info: Buffer, abbreviations: Buffer): number {
  const types = openDebugTypes((name) => ({ ".debug_info": info, ".debug_abbrev": abbreviations })[name]);
  return wanted.filter((name) => types?.struct(name) !== undefined).length;
}

/** The largest unit of .debug_info: small enough to be read many times. */
function unitOfTypes(info: Buffer): Buffer {
  let largest = info.subarray(0, 0);
  for (let at = 0; at < info.length; at += 4 + info.readUInt32LE(at)) {
    const unit = info.subarray(at, at + 4 + info.readUInt32LE(at));
    if (unit.length > largest.length) largest = unit;
  }
  return largest;
}

function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state >> 8;
  };
}
