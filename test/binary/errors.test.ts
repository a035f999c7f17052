import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { type TestContext, test } from "node:test";
import { ExitCode } from "../../src/report/exit-code.ts";
import { buildGo, serverSource } from "../fixtures/go-binaries.ts";
import { type Build, scratchFile, serverPath } from "./programs.ts";
import { refused } from "./refused.ts";

const stripped: Build = { go: "1.26.8", flags: ["-ldflags=-s -w"] };

function fileWith(t: TestContext, content: string | Buffer): string {
  const path = scratchFile(t);
  writeFileSync(path, content);
  return path;
}

/** A copy of the stripped server with other bytes at some offset. */
async function changed(t: TestContext, offset: number, ...bytes: number[]): Promise<string> {
  const path = scratchFile(t, await serverPath(stripped));
  writeSync(openSync(path, "r+"), Buffer.from(bytes), 0, bytes.length, offset);
  return path;
}

test("files that aren't there or may not be read", (t) => {
  refused("/nonexistent/program", /there is no file/, ExitCode.noTarget);
  refused("/etc/passwd/program", /there is no file/, ExitCode.noTarget);
  const path = fileWith(t, "");
  chmodSync(path, 0o000);
  asNobody(() => refused(path, /no permission/, ExitCode.noPermission));
});

/** root may read everything, so that the test gives the right up for a moment. */
function asNobody(run: () => void): void {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    run();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

test("things that aren't files", (t) => {
  const path = scratchFile(t);
  mkdirSync(path);
  refused(path, /directory, pipe or device/);
  rmSync(path, { recursive: true });
  execFileSync("mkfifo", [path]);
  refused(path, /directory, pipe or device/);
  refused("/dev/null", /directory, pipe or device/);
});

test("files of other formats", (t) => {
  for (const content of ["", "#", "MZ\x90", "\x7fEL", "hello\n".repeat(100)]) {
    refused(fileWith(t, content), /isn't an ELF file/);
  }
});

test("scripts name what runs them", (t) => {
  refused(fileWith(t, "#!/bin/sh\nexec ./server\n"), /script that \/bin\/sh runs/);
  refused(fileWith(t, "#! /usr/bin/env -S node --x\n"), /script that node runs/);
  refused(fileWith(t, "#!/usr/bin/env\tbash\r\n"), /script that bash runs/);
  refused(fileWith(t, "#!"), /script that a shell runs/);
  refused(fileWith(t, "#!\x1b[31m"), /script that �\[31m runs/);
});

const foreign: readonly (readonly [goarch: string, reason: RegExp])[] = [
  ["386", /32-bit/],
  ["arm", /32-bit/],
  ["mips", /32-bit/],
  ["mips64", /big-endian/],
  ["s390x", /big-endian/],
  ["riscv64", /for riscv64/],
  ["ppc64le", /for ppc64/],
];

for (const [GOARCH, reason] of foreign) {
  test(`programs of another machine: ${GOARCH}`, async () => {
    const source = `${serverSource}/../modules`;
    refused(await buildGo({ go: "1.26.8", source, package: "./cmd/shop", env: { GOARCH } }), reason);
  });
}

test("machines, types and classes nobody has", async (t) => {
  refused(await changed(t, 18, 0xff, 0xff), /machine 65535/);
  refused(await changed(t, 16, 1), /object file/);
  refused(await changed(t, 16, 4), /core dump/);
  refused(await changed(t, 16, 99), /type 99/);
  refused(await changed(t, 4, 7), /isn't an ELF file/);
  refused(await changed(t, 5, 7), /isn't an ELF file/);
});

test("a program cut off at any length", async (t) => {
  const path = scratchFile(t, await serverPath(stripped));
  const { length } = readFileSync(path);
  for (const size of [length - 300_000, length / 2, 5000, 4096, 400, 100, 65]) {
    truncateSync(path, size);
    refused(path, /cut off/);
  }
  truncateSync(path, 63);
  refused(path, /cut off/);
});

test("a Go program whose tables are gone", async (t) => {
  const original = readFileSync(await serverPath(stripped));
  const pclntab = original.indexOf(Buffer.from([0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8]));
  const buildInfo = original.indexOf("\xff Go buildinf:", 0, "latin1");
  assert.ok(pclntab > 0 && buildInfo > 0);
  const without = (...offsets: number[]) =>
    fileWith(
      t,
      offsets.reduce((file, offset) => file.fill(0, offset, offset + 8), Buffer.from(original)),
    );
  refused(without(pclntab), /damaged.*function table isn't there/);
  refused(without(buildInfo), /without build info/);
  refused(without(pclntab, buildInfo), /neither the build info .* nor a function table/);
  const version = original.indexOf("go1.26.8", buildInfo);
  const renamed = (text: string) => {
    const file = Buffer.from(original);
    file.write(text, version);
    return fileWith(t, file);
  };
  refused(renamed("go1.15.8"), /built with go1\.15\.8/);
  refused(renamed("xx1.26.8"), /names no Go version/);
});
