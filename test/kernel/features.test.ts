import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import * as esbuild from "esbuild";
import { addon, probeKernel } from "../../src/kernel/index.ts";

const root = join(import.meta.dirname, "../..");

test("this kernel does what the agent needs", () => {
  const features = probeKernel();
  const [major = 0, minor = 0] = features.release.split(".").map(Number);
  const atLeast = (wantedMajor: number, wantedMinor: number) =>
    major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  assert.ok(
    features.capabilities.has("CAP_BPF") || features.capabilities.has("CAP_SYS_ADMIN"),
    "run as root",
  );
  if (atLeast(6, 10)) assert.equal(features.uprobeMulti, true);
  // Private stacks came with 6.13, on x86 first.
  if (!atLeast(6, 13)) assert.equal(features.privateStack, false);
  if (atLeast(6, 18) && process.arch === "x64") assert.equal(features.privateStack, true);
});

test("both clocks are of one moment", () => {
  const { realtimeSeconds, realtimeNanos, monotonicSeconds, monotonicNanos, uncertaintyNanos } =
    addon().clocks();
  const before = process.hrtime();
  assert.ok(before[0] - monotonicSeconds <= 1 && before[0] >= monotonicSeconds, "hrtime is CLOCK_MONOTONIC");
  assert.ok(Math.abs(realtimeSeconds - Date.now() / 1000) < 2, "Date is CLOCK_REALTIME");
  assert.ok(
    realtimeNanos >= 0 && realtimeNanos < 1e9 && monotonicNanos >= 0 && monotonicNanos < 1e9,
    "in range",
  );
  assert.ok(uncertaintyNanos >= 0, "not negative");
});

describe("without privileges", () => {
  // A bundle with the addon beside it, as users have it: the checkout may lie where only its owner may read.
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "otel-go-auto-"));
    cpSync(join(root, "prebuilds"), join(folder, "prebuilds"), { recursive: true });
    await esbuild.build({
      stdin: {
        contents: `
          import { probeKernel } from "./src/kernel/index.ts";
          try { probeKernel(); console.log("worked"); }
          catch (error) { console.log(JSON.stringify([error.exitCode, error.explanation?.what ?? String(error)])); }`,
        resolveDir: root,
      },
      outfile: join(folder, "dist/probe.mjs"),
      bundle: true,
      platform: "node",
      format: "esm",
    });
    spawnSync("chmod", ["-R", "a+rX", folder]);
  });
  after(() => rmSync(folder, { recursive: true }));

  function probeAs(...setpriv: string[]): string {
    const result = spawnSync("setpriv", [...setpriv, process.execPath, join(folder, "dist/probe.mjs")], {
      encoding: "utf8",
    });
    return result.stdout.trim() + result.stderr;
  }

  const nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];

  test("the error names what is missing, and its exit code is 4", () => {
    assert.equal(
      probeAs(...nobody),
      '[4,"No permission to load a BPF program: CAP_BPF, CAP_PERFMON are missing"]',
    );
  });

  test("one of the two is not enough", () => {
    assert.equal(
      probeAs(...nobody, "--inh-caps=-all,+bpf", "--ambient-caps=-all,+bpf"),
      '[4,"No permission to load a BPF program: CAP_PERFMON is missing"]',
    );
  });

  test("both are enough", () => {
    assert.equal(
      probeAs(...nobody, "--inh-caps=-all,+bpf,+perfmon", "--ambient-caps=-all,+bpf,+perfmon"),
      "worked",
    );
  });
});
