import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { probeKernel } from "../../../src/kernel/index.ts";
import { cacheDirectory } from "../../fixtures/go-binaries.ts";

const root = join(import.meta.dirname, "../../..");
const source = join(root, "test/kernel/probe.bpf.c");

/**
 * Bytes of the object compiled from test/kernel/probe.bpf.c, as this kernel needs it: with private stacks and
 * without the guard, threads that preempt each other corrupt records (seen on 7.2). Compiled once for each version.
 */
export function compileProbe(): Buffer {
  const libbpf = execFileSync(join(root, "scripts/build-libbpf"), {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
  const guarded = probeKernel().privateStack;
  const key = createHash("sha256").update(libbpf).update(readFileSync(source)).digest("hex").slice(0, 16);
  const folder = join(cacheDirectory(), "fixtures");
  const output = join(folder, `probe-${process.arch}-${key}${guarded ? ".guarded" : ""}.o`);
  if (!existsSync(output)) {
    mkdirSync(folder, { recursive: true });
    compile(libbpf, `${output}.${process.pid}`, guarded ? ["-DGUARD_PREEMPTION"] : []);
    renameSync(`${output}.${process.pid}`, output);
  }
  return readFileSync(output);
}

function compile(libbpf: string, output: string, flags: readonly string[]): void {
  const [arch, triple] =
    process.arch === "x64" ? ["x86", "x86_64-linux-gnu"] : ["arm64", "aarch64-linux-gnu"];
  execFileSync("clang", [
    ...["-target", "bpf", "-O2", "-g", "-Wall", "-Werror", `-D__TARGET_ARCH_${arch}`],
    ...["-I", join(libbpf, "include"), "-idirafter", `/usr/include/${triple}`],
    ...flags,
    ...["-c", source, "-o", output],
  ]);
}

export interface ProbeRecord {
  /** 1 start, 2 end */
  readonly which: number;
  readonly argument: number;
  readonly mark: bigint;
}

/** Reads drained records and checks each byte against what probe.bpf.c makes of the argument. */
export function readRecords(bytes: Buffer): ProbeRecord[] {
  const records: ProbeRecord[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    const payload = bytes.subarray(at + 8, at + 8 + length);
    records.push(readPayload(payload));
    at += 8 + ((length + 7) & ~7);
  }
  return records;
}

function readPayload(payload: Buffer): ProbeRecord {
  const argument = Number(payload.readBigUInt64LE(8));
  const expected = Buffer.alloc(24 + 24 * 8);
  payload.copy(expected, 0, 0, 24);
  for (let i = 0; i < 24; i++) expected.writeBigUInt64LE(BigInt(argument * 31 + i), 24 + i * 8);
  const size = Math.max(24, 24 + (argument % 25) * 8 - (argument % 8));
  if (!payload.equals(expected.subarray(0, size))) throw new Error(`record of call ${argument} is corrupt`);
  return { which: Number(payload.readBigUInt64LE(0)), argument, mark: payload.readBigUInt64LE(16) };
}
