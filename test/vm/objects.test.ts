/**
 * Whether verifiers of other kernels take every BPF object with all that it can do: test/kernel/objects.test.ts.
 * OTEL_GO_AUTO_VM_KERNELS selects others.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runInVm } from "./boot.ts";
import { selectedKernels } from "./kernels.ts";
import { setUp } from "./setup.ts";
import { assertVerified, buildVerifierLog } from "./verifier.ts";

const kernels = selectedKernels("5.10,6.12,7.2,7.2+lockdown=integrity");
setUp(kernels);

for (const kernel of kernels)
  test(`all BPF objects on ${kernel.name}`, async (t) => {
    const preload = buildVerifierLog(kernel.arch);
    const run = await runInVm({
      kernel: kernel.name,
      command: `LD_PRELOAD=${preload} VERIFIER_LOG=$share/verifier node --import tsx --test test/kernel/objects.test.ts`,
      timeoutMs: 900_000,
      memoryMb: 1024,
    });
    try {
      assert.equal(run.exitCode, 0, run.output);
      for (const [line] of run.output.matchAll(/^(ok \d+ - .*|# refused: .*)$/gm)) t.diagnostic(line);
      assert.match(run.output, /^# fail 0$/m);
      await assertVerified(t, run);
    } finally {
      await run.dispose();
    }
  });
