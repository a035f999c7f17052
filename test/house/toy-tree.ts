import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";

const repository = join(import.meta.dirname, "../..");
/** Where the toy libraries lie. */
export const toy = join(import.meta.dirname, "toy");

/** The tree as git has it and as it lies here, with its builds, in a folder of its own. */
function copyTree(into: string): void {
  const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: repository,
  });
  for (const file of tracked
    .toString()
    .trim()
    .split("\n")
    .filter((name) => !name.startsWith("test/"))) {
    mkdirSync(dirname(join(into, file)), { recursive: true });
    cpSync(join(repository, file), join(into, file));
  }
  cpSync(join(repository, "prebuilds"), join(into, "prebuilds"), { recursive: true });
  mkdirSync(join(into, "dist"));
  symlinkSync(join(repository, "node_modules"), join(into, "node_modules"));
}

/**
 * A copy of the tree, until the end of the test, with a library of this path more, by the folders that it has under
 * src/libraries, ebpf/libraries and test/libraries; built.
 */
export function treeWith(
  t: TestContext,
  path: string,
  folders: Readonly<Partial<Record<"src" | "ebpf" | "test", string>>>,
): string {
  const copy = mkdtempSync(join(tmpdir(), "otel-go-auto-toy-"));
  t.after(() => rmSync(copy, { recursive: true, force: true }));
  copyTree(copy);
  for (const [room, from] of Object.entries(folders))
    cpSync(from, join(copy, room, "libraries", path), { recursive: true });
  for (const step of ["scripts/build-ebpf", "scripts/generate"])
    execFileSync(join(copy, step), { cwd: copy });
  return copy;
}
