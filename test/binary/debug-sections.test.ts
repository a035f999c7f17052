import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { readDebugSection } from "../../src/binary/dwarf/debug-sections.ts";
import type { Elf } from "../../src/binary/elf.ts";
import { readElf } from "../../src/binary/elf.ts";
import { BinaryFile } from "../../src/binary/file.ts";
import { elfSections } from "./dwarf-sections.ts";
import { type Build, describeBuild, openServer, scratchFile, serverPath } from "./programs.ts";

const builds: readonly Build[] = [
  { go: "1.22.12" },
  { go: "1.27.4" },
  { go: "1.26.8", flags: ["-ldflags=-compressdwarf=false"] },
];

for (const build of builds) {
  test(`gives debug sections decompressed: ${describeBuild(build)}`, async (t) => {
    const path = await serverPath(build);
    const file = new BinaryFile(path);
    t.after(() => file.close());
    const elf = readElf(file);
    const expected = elfSections(path);
    for (const name of [".debug_abbrev", ".debug_info", ".debug_line"]) {
      const bytes = readDebugSection(file, elf, name);
      assert.ok(bytes && expected(name)?.equals(bytes), name);
    }
    assert.equal(readDebugSection(file, elf, ".debug_absent"), undefined);
    const binary = await openServer(t, build);
    const layout = binary.types.struct("net/http.response");
    assert.ok(layout);
    // Only the runtime's own description knows where the fields' types are.
    const fields = layout.fields.map(({ type, ...field }) => field);
    assert.deepEqual(binary.debug?.struct("net/http.response"), { ...layout, fields });
  });
}

test("a compressed section that lies about its size is missing", (t) => {
  const deflated = deflateSync(Buffer.alloc(100_000));
  const read = (size: bigint, type = 1, data = deflated) => {
    const header = Buffer.alloc(24);
    header.writeUInt32LE(type);
    header.writeBigUInt64LE(size, 8);
    const path = scratchFile(t);
    writeFileSync(path, Buffer.concat([header, data]));
    const file = new BinaryFile(path);
    t.after(() => file.close());
    return readDebugSection(file, elfOfOneSection(file.size), ".debug_info");
  };
  assert.equal(read(100_000n)?.length, 100_000);
  assert.equal(read(99_999n), undefined);
  assert.equal(read(0n), undefined);
  assert.equal(read(2n ** 63n), undefined);
  assert.equal(read(200_000_000n), undefined);
  const large = Buffer.alloc(13_000_000);
  assert.equal(read(13_000_000n, 1, deflateSync(large)), undefined, "a large one is not read");
  assert.equal(read(12_000_000n, 1, deflateSync(large.subarray(1_000_000)))?.length, 12_000_000);
  assert.equal(read(100_000n, 2), undefined);
  assert.equal(read(100_000n, 1, deflated.subarray(0, 50)), undefined);
});

function elfOfOneSection(size: number): Elf {
  const section = {
    name: ".debug_info",
    type: "progbits",
    address: 0,
    fileOffset: 0,
    size,
    link: 0,
    compressed: true,
  };
  return { arch: "amd64", pie: false, entry: 0, segments: [], sections: [section] };
}
