import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { openGoBinary } from "../../src/binary/index.ts";
import type { GoBinary } from "../../src/binary/types.ts";
import { buildGo, type GoBuild, goVersions, serverSource } from "../fixtures/go-binaries.ts";

export type Build = Omit<GoBuild, "source">;

const stripped = "-ldflags=-s -w";
const external = { CGO_ENABLED: "1" };

/** The server of the fixtures with every toolchain, as it is and stripped. */
export const plainBuilds: readonly Build[] = goVersions.map((go) => ({ go }));
export const strippedBuilds: readonly Build[] = goVersions.map((go) => ({ go, flags: [stripped] }));

/** Other ways to link, each with tables of its own in the file. */
export const otherBuilds: readonly Build[] = [
  { go: "1.22.12", flags: ["-buildmode=pie", stripped] },
  { go: "1.24.13", flags: ["-buildmode=pie"] },
  { go: "1.27.4", flags: ["-buildmode=pie", stripped] },
  { go: "1.26.8", flags: ["-buildmode=pie", "-ldflags=-linkmode=external"], env: external },
  { go: "1.26.8", flags: ["-ldflags=-s -w -linkmode=external -extldflags=-static"], env: external },
  { go: "1.24.13", env: { GOEXPERIMENT: "noswissmap" } },
  { go: "1.22.12", env: { GOARCH: "arm64" } },
  { go: "1.27.4", flags: ["-buildmode=pie", stripped], env: { GOARCH: "arm64" } },
  // Of all linkers here only this one leaves the values of pointers to its relocations.
  {
    go: "1.26.8",
    flags: ["-buildmode=pie", "-ldflags=-linkmode=external"],
    env: { ...external, GOARCH: "arm64", CC: "aarch64-linux-gnu-gcc" },
  },
];

export const allBuilds = [...plainBuilds, ...strippedBuilds, ...otherBuilds];

export function describeBuild({ go, flags = [], env = {} }: Build): string {
  return [`Go ${go}`, ...flags, ...Object.entries(env).map((pair) => pair.join("="))].join(" ");
}

export function serverPath(build: Build): Promise<string> {
  return buildGo({ ...build, source: serverSource });
}

/** The server, opened until the end of the test. */
export async function openServer(t: TestContext, build: Build): Promise<GoBinary> {
  return openUntilEnd(t, await serverPath(build));
}

export function openUntilEnd(t: TestContext, path: string): GoBinary {
  const binary = openGoBinary(path);
  t.after(() => binary.close());
  return binary;
}

/** A path for a file of the test's own, a copy of `original` when there is one. */
export function scratchFile(t: TestContext, original?: string): string {
  const directory = mkdtempSync(join(tmpdir(), "binary-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "program");
  if (original) copyFileSync(original, path);
  return path;
}
