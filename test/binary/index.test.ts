import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { openSync, readFileSync, writeSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";
import type { GoBinary } from "../../src/binary/types.ts";
import { goCommand } from "../fixtures/go-binaries.ts";
import { allBuilds, describeBuild, openServer, openUntilEnd, scratchFile, serverPath } from "./programs.ts";

const run = promisify(execFile);

for (const build of allBuilds) {
  test(`says what the linker made: ${describeBuild(build)}`, async (t) => {
    const path = await serverPath(build);
    const binary = openUntilEnd(t, path);
    const flags = build.flags?.join(" ") ?? "";
    assert.equal(binary.arch, build.env?.GOARCH ?? "amd64");
    assert.equal(binary.pie, flags.includes("pie"));
    assert.equal(binary.hasSymbols, !flags.includes("-s -w"));
    assert.equal(binary.debug !== undefined, !flags.includes("-s -w"));
    assert.equal(binary.size, readFileSync(path).length);
    assert.equal(binary.buildId, await buildIdByReadelf(path));
  });
}

async function buildIdByReadelf(path: string): Promise<string> {
  const { stdout } = await run("readelf", ["-nW", path]);
  const gnu = /Build ID: ([0-9a-f]+)/.exec(stdout)?.[1];
  return gnu ?? (await goCommand("1.26.8", ["tool", "buildid", path])).trim();
}

test("segments and offsets are those of readelf", async (t) => {
  for (const build of allBuilds) {
    const binary = await openServer(t, build);
    const { stdout } = await run("readelf", ["-lW", binary.path]);
    const lines = [...stdout.matchAll(/^ +LOAD +(\S+) (\S+) \S+ (\S+) \S+ (...)/gm)];
    assert.deepEqual(
      binary.segments.map(({ address, fileOffset, fileSize, executable }) => [
        fileOffset,
        address,
        fileSize,
        executable,
      ]),
      lines.map(([, offset, address, size, flags]) => [
        Number(offset),
        Number(address),
        Number(size),
        flags?.includes("E"),
      ]),
    );
    for (const { address, fileOffset, fileSize } of binary.segments) {
      assert.equal(binary.fileOffset(address + 1), fileOffset + 1);
      assert.equal(binary.fileOffset(address + fileSize - 1), fileOffset + fileSize - 1);
    }
    assert.equal(binary.fileOffset(0x7fff_0000_0000), undefined);
  }
});

for (const build of allBuilds) {
  test(`finds everything without section headers: ${describeBuild(build)}`, async (t) => {
    const whole = await openServer(t, build);
    const path = scratchFile(t, whole.path);
    eraseSectionHeaders(path);
    const bare = openUntilEnd(t, path);
    const names = new Set(["net/http.(*conn).serve", "runtime.main"]);
    assert.deepEqual(bare.functions.findAll(names), whole.functions.findAll(names));
    assert.equal(bare.functions.findAll(names).size, 2);
    assert.deepEqual(bare.types.struct("net/http.Request"), whole.types.struct("net/http.Request"));
    assert.ok(bare.types.struct("net/http.Request"));
    assert.deepEqual(itabsOf(bare), itabsOf(whole));
    assert.deepEqual(bare.buildInfo, whole.buildInfo);
    assert.equal(bare.hasSymbols, false);
    assert.equal(bare.debug, undefined);
  });
}

function itabsOf(binary: GoBinary): string[] {
  return binary.itabs().map((itab) => `${itab.address} ${itab.interfaceName} ${itab.concreteName}`);
}

/** Sets e_shoff, e_shnum and e_shstrndx to 0, as tools do that remove the section headers. */
function eraseSectionHeaders(path: string): void {
  const file = openSync(path, "r+");
  writeSync(file, Buffer.alloc(8), 0, 8, 40);
  writeSync(file, Buffer.alloc(4), 0, 4, 60);
}

test("symbols are those of go tool nm", async (t) => {
  const binary = await openServer(t, { go: "1.26.8" });
  const symbols = await goCommand("1.26.8", ["tool", "nm", binary.path]);
  for (const name of ["runtime.buildVersion", "net/http.DefaultServeMux", "runtime.main"]) {
    const address = symbols
      .split("\n")
      .find((line) => line.endsWith(` ${name}`))
      ?.trim()
      .split(" ")[0];
    assert.deepEqual(
      binary.symbols(name).map((symbol) => symbol.address),
      [Number.parseInt(address ?? "", 16)],
    );
  }
  assert.deepEqual(binary.symbols("buildVersion"), []);
  const stripped = await openServer(t, { go: "1.26.8", flags: ["-ldflags=-s -w"] });
  assert.deepEqual(stripped.symbols("runtime.main"), []);
});
