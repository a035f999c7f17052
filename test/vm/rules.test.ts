// Functions that rules name, in other kernels: each value, each parent. OTEL_GO_AUTO_MATRIX=1: in more of them.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { decodeTraces } from "../e2e/support/otlp-json.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { assertSpans, assertTrees, whole } from "../libraries/rules/expected.ts";
import { runInVm } from "./boot.ts";
import { selectedKernels } from "./kernels.ts";
import { setUp } from "./setup.ts";
import { assertVerified, buildVerifierLog } from "./verifier.ts";

const tests = join(import.meta.dirname, "..");
const isMatrix = process.env.OTEL_GO_AUTO_MATRIX === "1";

const kernels = selectedKernels(isMatrix ? "5.10,6.1,6.12,7.2,arm64-6.12" : "5.10,7.2");
setUp(kernels);

for (const kernel of kernels)
  test(`rules for functions on ${kernel.name}`, async (t) => {
    const env = { GOARCH: kernel.arch };
    const [program, collector, preload] = await Promise.all([
      buildGo({ go: "1.26.8", source: join(tests, "libraries/rules/app"), env }),
      buildGo({
        go: "1.26.8",
        source: join(tests, "collector"),
        flags: ["-trimpath", "-ldflags=-s -w"],
        env,
      }),
      buildVerifierLog(kernel.arch),
    ]);
    const run = await runInVm({
      kernel: kernel.name,
      command: `LD_PRELOAD=${preload} VERIFIER_LOG=$share/verifier sh test/vm/trace-rules ${program} ${collector} test/libraries/rules/whole.yaml`,
      timeoutMs: 500_000,
      memoryMb: 1024,
    });
    try {
      assert.equal(run.exitCode, 0, `${run.output}\n${run.console}`);
      const began = BigInt((await run.file("began")).toString());
      const lines = (await run.file("spans.jsonl")).toString().split("\n");
      const spans = lines.filter(Boolean).flatMap(decodeTraces);
      const second = spans.filter(({ start }) => start >= began);
      assertSpans(second, whole);
      assertTrees(second);
      await assertVerified(t, run);
    } finally {
      await run.dispose();
    }
  });
