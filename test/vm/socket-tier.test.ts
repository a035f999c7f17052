/**
 * What the socket tier puts on the wire, on other kernels: the tests of test/propagation, with fewer requests and calls.
 * OTEL_GO_AUTO_VM_KERNELS selects others.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { pythonWithGrpc } from "../fixtures/grpcio.ts";
import { buildCalls } from "../propagation/grpc/support/calls.ts";
import { buildClient } from "../propagation/support/client.ts";
import { compileProbe } from "../propagation/support/object.ts";
import { runInVm } from "./boot.ts";
import { selectedKernels } from "./kernels.ts";
import { setUp } from "./setup.ts";

const kernels = selectedKernels("5.10,6.12,7.2");
setUp(kernels);

const wires = [
  ["requests", "socket-tier"],
  ["calls", "grpc-socket"],
  ["calls, as the agent comes and goes,", "grpc-life"],
] as const;

for (const kernel of kernels)
  for (const [what, file] of wires)
    test(`${what} carry their context, and nothing else changes, on ${kernel.name}`, async () => {
      // A guest has neither Go nor clang, and no packages of Python.
      await Promise.all([buildClient(), buildCalls(), pythonWithGrpc()]);
      for (const guarded of [false, true])
        for (const probe of ["probe", "grpc/probe"] as const) compileProbe(probe, guarded);
      const run = await runInVm({
        kernel: kernel.name,
        command: `OTEL_GO_AUTO_REQUESTS=500 node --import tsx --test test/propagation/${file}.test.ts`,
        timeoutMs: 900_000,
        memoryMb: 1024,
      });
      try {
        assert.equal(run.exitCode, 0, run.output);
        assert.match(run.output, /# fail 0/);
        assert.doesNotMatch(run.console, /BUG:|WARNING:|Oops|Call Trace/, run.console);
      } finally {
        await run.dispose();
      }
    });
