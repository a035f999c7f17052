import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { objectMissing } from "../report/kernel.ts";

/**
 * A library's compiled BPF object, as scripts/build-ebpf leaves it. `guarded`: the variant for kernels where programs
 * must switch preemption off.
 */
export function readObject(architecture: string, libraryPath: string, guarded: boolean): Buffer {
  const file = join("bpf", architecture, `${libraryPath}${guarded ? ".guarded" : ""}.o`);
  const path = find(file);
  if (path === undefined) throw objectMissing(file);
  return readFileSync(path);
}

/** Architectures that objects were compiled for, for example "amd64"; none in a checkout that is not built. */
export function builtArchitectures(): readonly string[] {
  const folder = find("bpf");
  if (folder === undefined) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** The bundle lies beside bpf/; in a checkout this file is two folders below the one that holds dist/. */
function find(file: string): string | undefined {
  const here = dirname(fileURLToPath(import.meta.url));
  return [".", "../../dist"].map((folder) => join(here, folder, file)).find((path) => existsSync(path));
}
