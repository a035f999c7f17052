import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { promisify } from "node:util";
import { parseGoVersion } from "../../src/binary/go-version.ts";

const run = promisify(execFile);

/** The sources of a release of Go. */
export interface Toolchain {
  /** "1.27.4" */
  readonly version: string;
  readonly minor: number;
  /** Directory with src/. */
  readonly goroot: string;
}

/**
 * The newest release of each minor release from `oldest` on, oldest first; of one that has no release yet, its newest
 * preview. The module golang.org/dl has a folder for each, but may lag behind the list of toolchains, which has gaps.
 */
export async function newestReleases(oldest: number): Promise<string[]> {
  const { Dir } = await goJson<{ Dir: string }>("mod", "download", "-json", "golang.org/dl@latest");
  const { Versions } = await goJson<{ Versions: string[] }>("list", "-m", "-versions", "-json", "go");
  const names = [...(await readdir(Dir)), ...Versions.map((version) => `go${version}`)];
  const newest = new Map<number, Release>();
  for (const release of names.map(parseRelease)) {
    if (!release || release.minor < oldest) continue;
    if (release.rank > (newest.get(release.minor)?.rank ?? -1)) newest.set(release.minor, release);
  }
  return [...newest.values()].sort((a, b) => a.minor - b.minor).map(({ version }) => version);
}

interface Release {
  readonly version: string;
  readonly minor: number;
  /** Higher for a later release of the same minor release. */
  readonly rank: number;
}

/** "go1.27.4", "go1.20", "go1.28rc1"; undefined for what is no release of Go 1. */
function parseRelease(name: string): Release | undefined {
  const [, version, minor, preview, number] = /^go(1\.(\d+)(?:(beta|rc|\.)(\d+))?)$/.exec(name) ?? [];
  if (version === undefined) return undefined;
  const step = preview === undefined ? 2 : ["beta", "rc", "."].indexOf(preview);
  return { version, minor: Number(minor), rank: step * 1000 + Number(number ?? 0) };
}

/** Downloads a release of Go, unless the module cache has it. */
export async function toolchain(version: string): Promise<Toolchain> {
  const minor = parseGoVersion(`go${version}`)?.minor;
  if (minor === undefined) throw new Error(`"${version}" is no version of Go`);
  const module = `golang.org/toolchain@v0.0.1-go${version}.linux-amd64`;
  const { Dir } = await goJson<{ Dir: string }>("mod", "download", "-json", module);
  return { version, minor, goroot: Dir };
}

async function goJson<T>(...args: readonly string[]): Promise<T> {
  const env = { ...process.env, GOTOOLCHAIN: "local", GOFLAGS: "" };
  const { stdout } = await run("go", args, { cwd: tmpdir(), env, maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}
