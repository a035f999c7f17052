// Spans of goroutines that requests start, in other kernels: whole trees.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { decodeTraces } from "../e2e/support/otlp-json.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { runInVm } from "./boot.ts";
import { selectedKernels } from "./kernels.ts";
import { setUp } from "./setup.ts";
import { treeBelow } from "./tree-below.ts";
import { assertVerified, buildVerifierLog } from "./verifier.ts";

const tests = join(import.meta.dirname, "..");
const rounds = 50;
/** Until its function's probes are there, a goroutine's calls are its request's own. */
const fewest = 20;

/** Each path, and what is below its span: by name, in alphabetical order. */
const trees: Readonly<Record<string, unknown>> = {
  "/func": { "go main.serveFunc.func1": { "DELETE func_ctx_vm": {}, "DELETE func_vm": {} } },
  "/method": { "go main.(*service).run": { "DELETE method_vm": {} } },
  "/nested": {
    "go main.serveNested.func1": {
      "DELETE outer_vm": {},
      "go main.serveNested.func1.1": { "DELETE inner_vm": {} },
    },
  },
  "/panics": { "go main.servePanics.func1": { "DELETE panics_vm": {} } },
};

const kernels = selectedKernels("5.10,7.2");
setUp(kernels);

for (const kernel of kernels)
  test(`spans of goroutines on ${kernel.name}`, async (t) => {
    const env = { GOARCH: kernel.arch };
    const flags = ["-trimpath", "-ldflags=-s -w"];
    const [program, collector, preload] = await Promise.all([
      buildGo({
        go: "1.26.8",
        source: join(tests, "libraries/goroutines/app"),
        flags: ["-ldflags=-s -w"],
        env,
      }),
      buildGo({ go: "1.26.8", source: join(tests, "collector"), flags, env }),
      buildVerifierLog(kernel.arch),
    ]);
    const paths = Object.keys(trees).map((path) => `"${path}?case=vm"`);
    const settings = "GOMAXPROCS=1 OTEL_GO_AUTO_GOROUTINES=spans VERIFIER_LOG=$share/verifier";
    const run = await runInVm({
      kernel: kernel.name,
      command: `${settings} LD_PRELOAD=${preload} sh test/vm/trace-made ${program} ${collector} ${rounds} ${paths.join(" ")}`,
      timeoutMs: 500_000,
      memoryMb: 1024,
    });
    try {
      const agent = (await run.file("agent.log")).toString();
      assert.equal(run.exitCode, 0, `${run.output}\n${agent}`);
      const lines = (await run.file("spans.jsonl")).toString().split("\n");
      const spans = lines.filter(Boolean).flatMap(decodeTraces);
      for (const [path, tree] of Object.entries(trees)) {
        const roots = spans.filter(({ attributes }) => attributes["url.path"] === path);
        assert.equal(roots.length, rounds, `${path}\n${agent}`);
        const below = roots.map((root) => JSON.stringify(treeBelow(spans, root)));
        const whole = below.filter((each) => each === JSON.stringify(tree)).length;
        t.diagnostic(`${path}: ${whole} of ${rounds} with goroutines`);
        assert.ok(whole >= fewest, `${path}: ${[...new Set(below)].join("\n")}`);
      }
      await assertVerified(t, run);
    } finally {
      await run.dispose();
    }
  });
