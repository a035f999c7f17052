import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { start } from "../e2e/support/process.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { toy, treeWith } from "./toy-tree.ts";

test("a library is three folders: no other file knows of it, and its spans are there", async (t) => {
  const copy = treeWith(t, "toy/greeter", {
    src: join(toy, "src"),
    ebpf: join(toy, "ebpf"),
    test: join(toy, "app"),
  });

  // Of 1.20 and before, a probe of an entry is hit twice when the stack has to grow: it must count once.
  for (const go of ["1.26.8", "1.20.14"]) {
    const program = await buildGo({ go, source: join(copy, "test/libraries/toy/greeter") });
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
