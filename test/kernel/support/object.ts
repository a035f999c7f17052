import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");

/** Compiles test/kernel/probe.bpf.c and returns the object's bytes. */
export function compileProbe(): Buffer {
  const libbpf = execFileSync(join(root, "scripts/build-libbpf"), {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
  const arch = process.arch === "x64" ? "x86" : "arm64";
  const triple = process.arch === "x64" ? "x86_64-linux-gnu" : "aarch64-linux-gnu";
  const folder = mkdtempSync(join(tmpdir(), "otel-go-auto-"));
  const output = join(folder, "probe.o");
  try {
    execFileSync("clang", [
      ...["-target", "bpf", "-O2", "-g", "-Wall", "-Werror", `-D__TARGET_ARCH_${arch}`],
      ...["-I", join(libbpf, "include"), "-idirafter", `/usr/include/${triple}`],
      ...["-c", join(root, "test/kernel/probe.bpf.c"), "-o", output],
    ]);
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true });
  }
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
