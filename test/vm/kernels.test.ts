/**
 * A Go server is traced in other kernels: what was sent is compared with every field of every span. The kernels
 * stand for what differs: 5.10 has small BPF stacks and no uprobe_multi, 6.12 has it, and 7.2 lets uprobe programs
 * be preempted while they use a stack that belongs to the processor (with the guard against that taken out, 4,000
 * requests give some 10 wrong spans there).
 *
 * OTEL_GO_AUTO_VM_KERNELS selects others ("6.1,7.2+lockdown=integrity"), OTEL_GO_AUTO_VM_GO the servers' Go
 * versions, OTEL_GO_AUTO_VM_STRIPPED=1 strips them, OTEL_GO_AUTO_VM_REQUESTS says how many requests each gets.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { decodeTraces } from "../e2e/support/otlp-json.ts";
import { buildServer, isBefore } from "../e2e/support/server.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { runInVm, type VmResult } from "./boot.ts";
import { compare, type Sent } from "./compare.ts";
import { type Kernel, selectedKernels } from "./kernels.ts";
import { setUp } from "./setup.ts";

const tests = join(import.meta.dirname, "..");
const requests = Number(process.env.OTEL_GO_AUTO_VM_REQUESTS ?? 4000);
const stripped = process.env.OTEL_GO_AUTO_VM_STRIPPED === "1";
const connections = 16;

const kernels = selectedKernels("5.10,6.12,7.2,arm64-6.12");
setUp(kernels);

// 1.22 has the bucket map, whose scan is the longest program; since 1.24 there are swiss maps.
const goVersions = (process.env.OTEL_GO_AUTO_VM_GO ?? "1.22.12,1.26.8").split(",");

for (const [kernel, go] of kernels.flatMap((kernel) => goVersions.map((go) => [kernel, go] as const))) {
  test(`a Go ${go} server on ${kernel.name}: each of ${requests} requests is its span`, async (t) => {
    const run = await traceServer(kernel, go);
    try {
      t.diagnostic(`${kernel.name}: boot ${run.bootSeconds} s`);
      assert.equal(run.exitCode, 0, await everythingSaid(run));
      const sent = (await lines(run, "sent.jsonl")).map((line) => asKnownTo(go, JSON.parse(line)));
      const spans = (await lines(run, "spans.jsonl")).flatMap(decodeTraces);
      const { missing, surplus, wrong } = compare(sent, spans);
      const first = wrong.slice(0, 20).join("\n");
      assert.equal(sent.length, requests);
      assert.equal(wrong.length, 0, `${wrong.length} wrong fields:\n${first}`);
      assert.equal(
        missing.length,
        0,
        `${missing.length} without a span, first: ${JSON.stringify(missing[0])}`,
      );
      assert.equal(surplus.length, 0, `${surplus.length} too many, first: ${surplus[0]?.name}`);
      const account = (await run.file("agent.log")).toString().match(/spans [\d,]+ = .*/)?.[0];
      const all = requests.toLocaleString("en");
      assert.equal(account, `spans ${all} = ${all} exported`);
      assert.doesNotMatch(run.console, /BUG:|WARNING:|Oops|Call Trace/, run.console);
    } finally {
      await run.dispose();
    }
  });
}

/** Before Go 1.22 no request knows the pattern that it came by. */
function asKnownTo(go: string, sent: Sent): Sent {
  return isBefore(go, 22) ? { ...sent, route: "" } : sent;
}

async function traceServer(kernel: Kernel, go: string): Promise<VmResult> {
  const env = { GOARCH: kernel.arch };
  const programs = await Promise.all([
    buildServer({ go, stripped, program: "std" }, env),
    buildGo({ go: "1.26.8", source: join(tests, "collector"), flags: ["-trimpath", "-ldflags=-s -w"], env }),
    buildGo({ go: "1.26.8", source: join(import.meta.dirname, "load"), env }),
  ]);
  return await runInVm({
    kernel: kernel.name,
    command: `sh test/vm/trace-server ${programs.join(" ")} ${requests} ${connections}`,
    timeoutMs: 300_000 + requests * 50,
    memoryMb: 1024,
  });
}

async function lines(run: VmResult, name: string): Promise<string[]> {
  return (await run.file(name)).toString().split("\n").filter(Boolean);
}

async function everythingSaid(run: VmResult): Promise<string> {
  const logs = ["agent.log", "server.log", "collector.log"].map(async (name) => {
    const log = await run.file(name).catch(() => Buffer.from("(nothing)"));
    return `--- ${name}\n${log.toString().slice(-8192)}`;
  });
  return [run.output, ...(await Promise.all(logs)), "--- console", run.console.slice(-8192)].join("\n");
}
