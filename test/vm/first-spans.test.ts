// Spans of OpenTelemetry's API before 1.0, told apart by their function's frame, in other kernels.
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
const rounds = 40;
/** Each path, and its tree in the second half: clients of the first share what each place in the code loses. */
const trees: Readonly<Record<string, unknown>> = {
  "/plain": { plain: {} },
  "/nested": { outer: { GET: {}, inner: { GET: {} } } },
  "/overlap": { GET: {} },
};

const kernels = selectedKernels("5.10");
setUp(kernels);

for (const kernel of kernels)
  test(`spans of the API before 1.0 on ${kernel.name}`, async (t) => {
    const env = { GOARCH: kernel.arch };
    const flags = ["-trimpath", "-ldflags=-s -w"];
    const [program, collector, preload] = await Promise.all([
      buildGo({ go: "1.22.12", source: join(tests, "libraries/go.opentelemetry.io/first"), flags, env }),
      buildGo({ go: "1.26.8", source: join(tests, "collector"), flags, env }),
      buildVerifierLog(kernel.arch),
    ]);
    const run = await runInVm({
      kernel: kernel.name,
      command: `LD_PRELOAD=${preload} VERIFIER_LOG=$share/verifier sh test/vm/trace-made ${program} ${collector} ${rounds} ${Object.keys(trees).join(" ")}`,
      timeoutMs: 500_000,
      memoryMb: 1024,
    });
    try {
      const agent = (await run.file("agent.log")).toString();
      assert.equal(run.exitCode, 0, `${run.output}\n${agent}`);
      const lines = (await run.file("spans.jsonl")).toString().split("\n");
      const spans = lines.filter(Boolean).flatMap(decodeTraces);
      for (const [path, tree] of Object.entries(trees)) {
        const roots = spans.filter(
          ({ kind, attributes }) => kind === "server" && attributes["url.path"] === path,
        );
        assert.equal(roots.length, rounds, `${path}\n${agent}`);
        const whole = roots.sort((a, b) => (a.start < b.start ? -1 : 1)).slice(rounds / 2);
        for (const root of whole) assert.deepEqual(treeBelow(spans, root), tree, `${path}\n${agent}`);
      }
      await assertVerified(t, run);
    } finally {
      await run.dispose();
    }
  });
