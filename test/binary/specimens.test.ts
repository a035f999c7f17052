// Files that aren't programs of the go command's compiler, or are more than that: each is called by its name.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { buildGarbled, gofmtOfGccgo, whyNoGarble } from "../fixtures/foreign.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { scratchFile, serverPath } from "./programs.ts";
import { refused } from "./refused.ts";

const programs = join(import.meta.dirname, "..", "fixtures", "binaries");
const plain = join(import.meta.dirname, "..", "e2e", "programs", "without-http");
const cgo = { CGO_ENABLED: "1" };

/** A C program, or a library with `flags`. */
function compile(t: TestContext, source: string, ...flags: string[]): string {
  const path = scratchFile(t);
  writeFileSync(`${path}.c`, source);
  execFileSync("cc", ["-o", path, `${path}.c`, ...flags]);
  return path;
}

test("obfuscated by garble", { skip: await whyNoGarble() }, async () => {
  refused(await buildGarbled(plain, ["-literals", "-tiny", "-seed=random"]), /obfuscated by garble/);
});

test("built with gccgo: Debian's gofmt", async (t) => {
  const gofmt = await gofmtOfGccgo();
  if (gofmt === undefined) return t.skip("no package gccgo-12 here");
  refused(gofmt, /built with gccgo/);
  const stripped = scratchFile(t, gofmt);
  execFileSync("strip", [stripped]);
  refused(stripped, /built with gccgo/);
});

test("an imitation of gccgo's static programs: a text of its runtime", (t) => {
  const source = `#include <stdio.h>
    int main(int argc, char **argv) { return printf("%s:%u: libgo assertion failure\\n", argv[0], argc); }`;
  refused(compile(t, source), /built with gccgo/);
});

test("an imitation of TinyGo's programs: the names of its runtime", (t) => {
  for (const name of ["tinygo_startTask", "tinygo_task_init"])
    refused(compile(t, `void ${name}(void) {} int main(void) { ${name}(); return 0; }`), /built with TinyGo/);
});

test("a shared library and a plugin of Go", async () => {
  const source = join(programs, "library");
  for (const [mode, reason] of [
    ["c-shared", /it is a Go shared library \(-buildmode=c-shared\)/],
    ["plugin", /it is a Go plugin/],
  ] as const) {
    refused(await buildGo({ go: "1.26.8", source, flags: [`-buildmode=${mode}`], env: cgo }), reason);
  }
});

for (const [go, reason] of [
  ["1.12.17", /neither the build info of Go 1\.13 and later nor a function table of Go 1\.16 and later/],
  ["1.15.15", /built with go1\.15\.15/],
  ["1.16.15", /built with go1\.16\.15/],
] as const) {
  test(`built with Go ${go}`, async () => {
    refused(await buildGo({ go, source: plain }), reason);
  });
}

test("programs and libraries of other languages", (t) => {
  refused("/bin/sh", /isn't a Go program/);
  refused(compile(t, "int answer(void) { return 42; }", "-shared", "-fPIC"), /isn't a Go program/);
  const rust = scratchFile(t);
  writeFileSync(`${rust}.rs`, "fn main() {}");
  const { status } = spawnSync("rustc", ["-o", rust, `${rust}.rs`]);
  if (status === 0) refused(rust, /isn't a Go program/);
});

test("an archive, an object file, a core dump", (t) => {
  const object = compile(t, "int answer(void) { return 42; }", "-c");
  refused(object, /object file/);
  execFileSync("ar", ["rc", `${object}.a`, object]);
  refused(`${object}.a`, /archive of object files/);
  const core = coreDump(t);
  if (core === undefined) return t.skip("this machine writes no core files here");
  refused(core, /core dump/);
});

/** Where the kernel's pattern is a plain name, a process that aborts leaves a core in its directory. */
function coreDump(t: TestContext): string | undefined {
  const pattern = readFileSync("/proc/sys/kernel/core_pattern", "utf8").trim();
  if (!/^\w+$/.test(pattern)) return undefined;
  const path = scratchFile(t);
  const cwd = join(path, "..");
  spawnSync("sh", ["-c", "ulimit -c unlimited; kill -ABRT $$"], { cwd });
  execFileSync("sh", ["-c", `mv ${pattern}* ${path}`], { cwd });
  return path;
}

test("packed with UPX", async (t) => {
  const packed = scratchFile(t, await serverPath({ go: "1.26.8", flags: ["-ldflags=-s -w"] }));
  chmodSync(packed, 0o755);
  const { error } = spawnSync("upx", ["-1", packed]);
  if (error) return t.skip("there is no upx here");
  refused(packed, /packed with UPX/);
});

/**
 * As upx 5 writes it: an ELF header without sections, a segment of a page that holds room for the program, one with
 * the packed bytes and the loader, the stack's; then the loader's header (l_info) with the mark.
 */
test("an imitation of programs packed with UPX", async (t) => {
  const page = 4096;
  const original = readFileSync(await serverPath({ go: "1.26.8", flags: ["-ldflags=-s -w"] }));
  const packed = Buffer.alloc(64 * page, 0xd5);
  original.copy(packed, 0, 0, 64);
  packed.fill(0, 40, 48).fill(0, 60, 64).writeUInt16LE(3, 56);
  const segments: readonly (readonly bigint[])[] = [
    [0x6_0000_0001n, 0n, 0x400000n, 0x400000n, BigInt(page), 0x2648000n, BigInt(page)],
    [0x5_0000_0001n, 0n, 0x2a49000n, 0x2a49000n, BigInt(packed.length), BigInt(packed.length), BigInt(page)],
    [0x6_6474_e551n, 0n, 0n, 0n, 0n, 0n, 8n],
  ];
  for (const [i, value] of segments.flat().entries()) packed.writeBigUInt64LE(value, 64 + i * 8);
  packed.fill(0, 232, 272).write("UPX!", 236, "latin1");
  const path = scratchFile(t);
  writeFileSync(path, packed);
  refused(path, /packed with UPX/);
});
