import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { promisify } from "node:util";
import { parseGoVersion } from "../../src/binary/go-version.ts";
import { goVersions } from "../offsets/versions.ts";

const run = promisify(execFile);

/** The sources of a release of Go. */
export interface Toolchain {
  /** "1.27.4" */
  readonly version: string;
  readonly minor: number;
  /** Directory with src/. */
  readonly goroot: string;
}

/** The newest release of each minor release that is read, oldest first; of one without a release, its newest preview. */
export async function newestReleases(): Promise<string[]> {
  const newest = new Map<number, string>();
  for (const { tag } of await goVersions()) newest.set(minorOf(tag), tag.slice("go".length));
  return [...newest.values()];
}

/** Downloads a release of Go, unless the module cache has it. */
export async function toolchain(version: string): Promise<Toolchain> {
  const minor = minorOf(`go${version}`);
  const module = `golang.org/toolchain@v0.0.1-go${version}.linux-amd64`;
  // It fails with an answer that has the reason.
  const download = run("go", ["mod", "download", "-json", module], { cwd: tmpdir() });
  const { Dir, Error: reason } = JSON.parse((await download.catch((error) => error)).stdout);
  if (Dir === undefined) throw new Error(`no sources of Go ${version}: ${reason}`);
  return { version, minor, goroot: Dir };
}

function minorOf(tag: string): number {
  const version = parseGoVersion(tag);
  if (!version) throw new Error(`"${tag}" is no version of Go`);
  return version.minor;
}
