import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import {
  executableMappings,
  loadBias,
  type Mapping,
  readMappings,
  type Segment,
} from "../../src/target/mappings.ts";
import { openTarget } from "../../src/target/open.ts";
import { folder, start } from "./processes.ts";

/** Prints the address of its own main.main as the process has it. */
const program = `package main

import (
	"fmt"
	"reflect"
	"time"
)

func main() {
	fmt.Printf("%x\\n", reflect.ValueOf(main).Pointer())
	time.Sleep(time.Hour)
}
`;

function build(place: string, mode: string): string {
  writeFileSync(join(place, "main.go"), program);
  execFileSync("go", ["build", `-buildmode=${mode}`, "-o", join(place, "app"), "main.go"], { cwd: place });
  return join(place, "app");
}

/** PT_LOAD program headers and the address of main.main, from binutils rather than from code of ours. */
function facts(path: string): { segments: Segment[]; main: number } {
  const headers = execFileSync("readelf", ["-lW", path], { encoding: "utf8" });
  const loads = headers.matchAll(/^\s+LOAD\s+(\S+) (\S+) \S+ (\S+) \S+ (.{3})/gm);
  const segments = [...loads].map(([, offset, address, size, rights]) => ({
    fileOffset: Number(offset),
    address: Number(address),
    fileSize: Number(size),
    executable: rights?.includes("E") ?? false,
  }));
  const symbols = execFileSync("nm", [path], { encoding: "utf8", maxBuffer: 1 << 26 });
  return { segments, main: Number.parseInt(/^(\w+) T main\.main$/m.exec(symbols)?.[1] ?? "", 16) };
}

async function biasIn(t: TestContext, mode: string): Promise<{ bias: number | undefined; expected: number }> {
  const path = build(folder(t), mode);
  const { segments, main } = facts(path);
  const child = await start(t, path);
  const [line] = await once(child.stdout ?? child, "data");
  // Replaced on disk: the mappings still belong to the file that runs.
  copyFileSync("/usr/bin/env", `${path}.new`);
  renameSync(`${path}.new`, path);
  const bias = loadBias(executableMappings(openTarget(child.pid)), segments);
  return { bias, expected: Number.parseInt(String(line), 16) - main };
}

test("load bias of a Go program at fixed addresses", async (t) => {
  const { bias, expected } = await biasIn(t, "exe");
  assert.equal(expected, 0);
  assert.equal(bias, 0);
});

test("load bias of a position-independent Go program", async (t) => {
  const { bias, expected } = await biasIn(t, "pie");
  assert.notEqual(expected, 0);
  assert.equal(bias, expected);
});

test("mappings of files only, in order, with stat's device numbers", () => {
  const own = openTarget(process.pid);
  const mappings = readMappings(process.pid);
  assert(mappings.some(({ device, inode }) => device === own.device && inode === own.inode));
  assert(mappings.every(({ inode, end, start }) => inode > 0n && end > start));
  assert.deepEqual(
    mappings,
    mappings.toSorted((a, b) => a.start - b.start),
  );
});

test("no executable mapping, no bias", () => {
  const mapping: Mapping = {
    start: 0x1000,
    end: 0x2000,
    executable: false,
    fileOffset: 0,
    device: 1n,
    inode: 1n,
    path: "/a",
  };
  const segment: Segment = { address: 0, fileOffset: 0, fileSize: 4096, executable: true };
  assert.equal(loadBias([mapping], [segment]), undefined);
  assert.equal(loadBias([{ ...mapping, executable: true, fileOffset: 0x5000 }], [segment]), undefined);
  assert.equal(loadBias([{ ...mapping, executable: true }], [segment]), 0x1000);
});
