import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test from "node:test";
import { start } from "../e2e/support/process.ts";
import { buildGo } from "../fixtures/go-binaries.ts";

const repository = join(import.meta.dirname, "../..");
const toy = join(import.meta.dirname, "toy");

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

test("a library is three folders: no other file knows of it, and its spans are there", async (t) => {
  const copy = mkdtempSync(join(tmpdir(), "otel-go-auto-toy-"));
  t.after(() => rmSync(copy, { recursive: true, force: true }));
  copyTree(copy);
  cpSync(join(toy, "src"), join(copy, "src/libraries/toy/greeter"), { recursive: true });
  cpSync(join(toy, "ebpf"), join(copy, "ebpf/libraries/toy/greeter"), { recursive: true });
  cpSync(join(toy, "app"), join(copy, "test/libraries/toy/greeter/app"), { recursive: true });
  for (const step of ["scripts/build-ebpf", "scripts/generate"])
    execFileSync(join(copy, step), { cwd: copy });

  // Of 1.20 and before, a probe of an entry is hit twice when the stack has to grow: it must count once.
  for (const go of ["1.26.8", "1.20.14"]) {
    const program = await buildGo({ go, source: join(copy, "test/libraries/toy/greeter/app") });
    const target = start(program, []);
    t.after(() => target.stop("SIGKILL"));
    await target.waitFor(/hello/);
    const agent = start(join(copy, "bin/otel-go-auto"), ["--pid", String(target.pid), "--console"]);
    t.after(() => agent.stop("SIGKILL"));
    await agent.waitFor(/toy greeter: attached, 2 probes/, 30_000);
    await agent.waitFor(/greet Ada/, 10_000);
    assert.match(agent.stderr(), /not in this program: .*net\/http server/);
    const { code } = await agent.stop("SIGINT");
    assert.equal(code, 0);
    assert.match(agent.stderr(), /spans (\d+) = \1 drawn|spans (\d+) = \2 exported/, go);
  }
});
