// Names and places of the functions that goroutines begin with, in a real program.
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openGoBinary } from "../../src/binary/index.ts";
import { planGoroutine } from "../../src/plan/goroutines.ts";
import { buildGo } from "../fixtures/go-binaries.ts";

const source = join(import.meta.dirname, "..", "libraries", "goroutines", "app");

/** Function → what its goroutines' spans are called. */
const names: Readonly<Record<string, string>> = {
  "main.serveFunc.func1": "main.serveFunc.func1",
  "main.serveArguments.gowrap1": "main.work",
  "main.serveMethod.gowrap1": "main.(*service).run",
  "main.(*service).value-fm": "main.(*service).value",
  "golang.org/x/sync/errgroup.(*Group).Go.func1": "golang.org/x/sync/errgroup.(*Group).Go.func1",
  "main.both": "main.both",
};

for (const [go, GOARCH] of [
  ["1.22.12", "amd64"],
  ["1.27.4", "amd64"],
  ["1.26.8", "arm64"],
] as const)
  describe(`goroutines' functions, Go ${go} ${GOARCH}`, () => {
    test("have a name, an entry that runs once, and all their returns", async (t) => {
      const binary = openGoBinary(await buildGo({ go, source, flags: ["-ldflags=-s -w"], env: { GOARCH } }));
      t.after(() => binary.close());
      for (const [name, wanted] of Object.entries(names)) {
        const [fn] = binary.functions.find(name);
        assert.ok(fn, name);
        const plan = planGoroutine(binary, fn.address);
        assert.ok(!("reason" in plan), `${name}: ${JSON.stringify(plan)}`);
        assert.equal(plan.name, wanted);
        assert.equal(plan.entry.flagsTest, GOARCH === "arm64");
        assert.ok(plan.entry.instruction.emulated);
        assert.ok(plan.returns.length > 0);
        assert.ok(plan.returns.every(({ instruction }) => instruction.kind === "ret"));
      }
    });

    test("what is not a function's beginning, or never returns, has none", async (t) => {
      const binary = openGoBinary(await buildGo({ go, source, flags: ["-ldflags=-s -w"], env: { GOARCH } }));
      t.after(() => binary.close());
      const [both] = binary.functions.find("main.both");
      assert.ok(both);
      assert.ok("reason" in planGoroutine(binary, both.address + 4));
      assert.ok("reason" in planGoroutine(binary, 16));
      const [forever] = binary.functions.find("runtime.forcegchelper");
      assert.ok(forever);
      assert.ok("reason" in planGoroutine(binary, forever.address));
    });
  });
