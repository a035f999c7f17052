/**
 * What users switch on, in other kernels, all at once: a program is started by `run --`, each of its many spans has its
 * own headers, a path rule leaves requests out, durations are measured, and the verifier comes to its end well before
 * its limit.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { decodeTraces } from "../e2e/support/otlp-json.ts";
import { isBefore } from "../e2e/support/server.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { runInVm, type VmResult } from "./boot.ts";
import { type Kernel, selectedKernels } from "./kernels.ts";
import { setUp } from "./setup.ts";
import { assertVerified, buildVerifierLog } from "./verifier.ts";

const tests = join(import.meta.dirname, "..");
const connections = 16;
const requests = Math.ceil(Number(process.env.OTEL_GO_AUTO_VM_REQUESTS ?? 4000) / (4 * connections));

const kernels = selectedKernels("5.10,6.12,7.2,arm64-6.12");
setUp(kernels);

const goVersions = (process.env.OTEL_GO_AUTO_VM_GO ?? "1.22.12,1.26.8").split(",");
const wanted = connections * requests;
const endedByTerm = 128 + 15;

for (const [kernel, go] of kernels.flatMap((kernel) => goVersions.map((go) => [kernel, go] as const)))
  test(`headers of ${wanted} requests to a Go ${go} program on ${kernel.name}`, async (t) => {
    const run = await traceHeaders(kernel, go);
    try {
      const agent = (await run.file("agent.log")).toString();
      assert.equal(run.exitCode, endedByTerm, `${run.output}\n${agent}`);
      await assertVerified(t, run, 21);
      const spans = (await run.file("spans.jsonl"))
        .toString()
        .split("\n")
        .filter(Boolean)
        .flatMap(decodeTraces);
      const traces = new Map<string, unknown[]>();
      for (const { traceId, kind, attributes } of spans) {
        const names = ["http.request.header.x-id", "http.response.header.x-answer-id"];
        traces.set(traceId, [...(traces.get(traceId) ?? []), ...names.flatMap((name) => attributes[name])]);
        const secret = attributes["http.request.header.authorization"];
        assert.deepEqual(secret, kind === "client" ? ["REDACTED"] : undefined);
      }
      // HTTP/2 carries no context on where the kernel forbids it, or hides it: its server's span is a trace of its own.
      const wrong = [...traces.values()].filter((ids) => new Set(ids).size !== 1 || ids.includes(undefined));
      assert.deepEqual(wrong, [], agent);
      assert.equal(spans.length, 3 * wanted, agent);
      assert.equal(new Set([...traces.values()].flat()).size, wanted);
      assert.doesNotMatch(agent, /besides:/);
      assert.match(agent, new RegExp(`\\b${wanted.toLocaleString("en")} left out by a path rule`), agent);
      const metrics = (await run.file("metrics")).toString();
      assert.equal(measured(metrics, "http_server_request_duration_seconds"), 2 * wanted, metrics);
      assert.equal(measured(metrics, "http_client_request_duration_seconds"), wanted, metrics);
    } finally {
      await run.dispose();
    }
  });

async function traceHeaders(kernel: Kernel, go: string): Promise<VmResult> {
  const env = { GOARCH: kernel.arch };
  const flags = [...(isBefore(go, 22) ? ["-modfile=before_122.mod"] : []), "-ldflags=-s -w"];
  const [program, collector, preload] = await Promise.all([
    buildGo({ go, source: join(tests, "libraries/net/http/headers/app"), flags, env }),
    buildGo({ go: "1.26.8", source: join(tests, "collector"), flags: ["-trimpath", "-ldflags=-s -w"], env }),
    buildVerifierLog(kernel.arch),
  ]);
  return await runInVm({
    kernel: kernel.name,
    command: `LD_PRELOAD=${preload} VERIFIER_LOG=$share/verifier sh test/vm/trace-headers ${program} ${collector} ${connections} ${requests}`,
    timeoutMs: 500_000,
    memoryMb: 1024,
  });
}

/** How many requests all series of a histogram have together. */
function measured(page: string, histogram: string): number {
  const counts = page.matchAll(new RegExp(`^${histogram}_count\\{.*\\} (\\d+)`, "gm"));
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}
