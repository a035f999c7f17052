// Log records as events of spans, in other kernels: each logger's, whole.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { decodeTraces, type ReceivedSpan } from "../e2e/support/otlp-json.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { buildLogs, logBuilds } from "../libraries/log/program.ts";
import { runInVm } from "./boot.ts";
import { selectedKernels } from "./kernels.ts";
import { setUp } from "./setup.ts";
import { assertVerified, buildVerifierLog } from "./verifier.ts";

const tests = join(import.meta.dirname, "..");
const rounds = 50;
const { loggers } = logBuilds.newest;
const paths = loggers.flatMap((logger) => ["levels", "call"].map((path) => `/${path}?logger=${logger}`));
const levels = ["INFO informed", "WARN warned", "ERROR failed"];

const kernels = selectedKernels("5.10,6.12,7.2,arm64-6.12");
setUp(kernels);

for (const kernel of kernels)
  test(`log records on ${kernel.name}`, async (t) => {
    const env = { GOARCH: kernel.arch };
    const flags = ["-trimpath", "-ldflags=-s -w"];
    const [program, collector, preload] = await Promise.all([
      buildLogs(logBuilds.newest, env),
      buildGo({ go: "1.26.8", source: join(tests, "collector"), flags, env }),
      buildVerifierLog(kernel.arch),
    ]);
    const settings = `LD_PRELOAD=${preload} VERIFIER_LOG=$share/verifier OTEL_GO_AUTO_LOG_EVENTS=true`;
    const run = await runInVm({
      kernel: kernel.name,
      command: `${settings} sh test/vm/trace-made ${program} ${collector} ${rounds} '${paths.join("' '")}'`,
      timeoutMs: 500_000,
      memoryMb: 1024,
    });
    try {
      const agent = (await run.file("agent.log")).toString();
      assert.equal(run.exitCode, 0, `${run.output}\n${agent}`);
      const lines = (await run.file("spans.jsonl")).toString().split("\n");
      const spans = lines.filter(Boolean).flatMap(decodeTraces);
      for (const logger of loggers) {
        const roots = (path: string) =>
          spans.filter(
            ({ attributes }) =>
              attributes["url.path"] === path && attributes["url.query"] === `logger=${logger}`,
          );
        assert.equal(roots("/levels").length, rounds, agent);
        for (const root of roots("/levels")) assert.deepEqual(said(root), levels, agent);
        assert.equal(roots("/call").length, rounds, agent);
        for (const root of roots("/call")) {
          assert.deepEqual(said(root), ["INFO before", "INFO after"], agent);
          const call = spans.find(({ parentSpanId }) => parentSpanId === root.spanId);
          assert.deepEqual(said(call), ["INFO within"], agent);
        }
      }
      await assertVerified(t, run);
    } finally {
      await run.dispose();
    }
  });

function said(span: ReceivedSpan | undefined): readonly string[] {
  return (span?.events ?? []).map(({ attributes: its }) => `${its["log.severity"]} ${its["log.message"]}`);
}
