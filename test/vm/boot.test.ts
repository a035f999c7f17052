/** The harness itself: a command runs in the kernel that was asked for and its answer comes back. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { runInVm } from "./boot.ts";
import { selectedKernels } from "./kernels.ts";
import { setUp } from "./setup.ts";

const kernels = selectedKernels("5.10,6.12,7.2,7.2+lockdown=integrity");
setUp(kernels);

for (const kernel of kernels) {
  test(`${kernel.name} runs a command with this tree, two processors and its own network`, async (t) => {
    const marker = "/root/written-by-a-guest";
    const run = await runInVm({
      kernel: kernel.name,
      command: `uname -r; nproc; cat /proc/cmdline; node test/vm/fixtures/loopback.mjs && touch ${marker}; printf %s kept > "$share/kept"; exit 7`,
      timeoutMs: 120_000,
    });
    t.diagnostic(`${kernel.name}: command began after ${run.bootSeconds} s`);
    assert.equal(run.exitCode, 7, run.output + run.console);
    const [release, processors, commandLine, answer] = run.output.split("\n");
    assert.ok(release?.startsWith(`${kernel.series.replace("arm64-", "")}.`), release);
    assert.equal(processors, "2");
    for (const argument of kernel.arguments)
      assert.ok(commandLine?.split(" ").includes(argument), commandLine);
    assert.equal(answer, "answered over loopback");
    assert.equal((await run.file("kept")).toString(), "kept");
    assert.equal(existsSync(marker), false, "a guest's writes reached the host's root");
    await run.dispose();
  });
}

test("a guest that does not end is ended at its time limit", async () => {
  const kernel = kernels[0]?.name ?? "5.10";
  const run = await runInVm({ kernel, command: "sleep 600", timeoutMs: 15_000 });
  assert.equal(run.exitCode, undefined);
  await run.dispose();
});
