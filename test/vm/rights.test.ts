/**
 * Which capabilities it takes on other kernels, and that each one that is missing is named: test/e2e/rights.test.ts.
 * 5.10 counts maps as locked memory, and lets only CAP_SYS_ADMIN attach; the others have uprobe_multi links.
 * OTEL_GO_AUTO_VM_KERNELS selects others.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildTarget } from "../e2e/support/least.ts";
import { runInVm } from "./boot.ts";
import { selectedKernels } from "./kernels.ts";
import { setUp } from "./setup.ts";

const kernels = selectedKernels("5.10,6.12,7.2");
setUp(kernels);

for (const kernel of kernels) {
  test(`the sets of capabilities on ${kernel.name}`, async (t) => {
    // A guest has no Go.
    await buildTarget();
    const run = await runInVm({
      kernel: kernel.name,
      command: "node --import tsx --test test/e2e/rights.test.ts",
      timeoutMs: 3_600_000,
      memoryMb: 1024,
    });
    try {
      assert.equal(run.exitCode, 0, run.output);
      for (const [line] of run.output.matchAll(/^ *ok \d+ - .*$/gm)) t.diagnostic(line.trim());
      assert.match(run.output, /# fail 0/);
      assert.doesNotMatch(run.console, /BUG:|WARNING:|Oops|Call Trace/, run.console);
    } finally {
      await run.dispose();
    }
  });
}
