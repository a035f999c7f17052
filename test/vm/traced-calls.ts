/** Runs `trace-calls` in a guest, and hands what was received and what was traced to a check. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { decodeTraces, type ReceivedSpan } from "../e2e/support/otlp-json.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { runInVm, type VmResult } from "./boot.ts";
import type { Kernel } from "./kernels.ts";
import type { Received } from "./received.ts";
import { assertVerified, buildVerifierLog } from "./verifier.ts";

export interface TracedCalls {
  readonly kernel: Kernel;
  /** Builds the traced program for the guest. */
  readonly caller: (arch: Kernel["arch"]) => Promise<string>;
  /** "go" (the caller's own), "node", or a Python with gRPC's C core. */
  readonly receiver: string;
  /** How often the agent attaches and goes again while the program is busy, the query's count aside; 0: once, before. */
  readonly rounds: number;
  readonly queries: readonly string[];
  /** How many requests the queries come to, numbered from 0; undefined: as many as came. */
  readonly requests: number | undefined;
  readonly propagators?: string;
  /** Of the caller: `GOGC=1`. */
  readonly environment?: string;
}

export type Check<R = Received> = (
  received: readonly R[],
  spans: readonly ReceivedSpan[],
  /** What the agent said. */
  log: string,
  /** How often each program has run, by the first 15 bytes of its name; undefined where the guest can't tell. */
  runs: Readonly<Record<string, number>> | undefined,
) => void;

const calls = join(import.meta.dirname, "calls");

/** The program that sends requests of HTTP, by this version of Go. */
export function httpCaller(go: string): TracedCalls["caller"] {
  return (arch) => buildGo({ go, source: calls, env: { GOARCH: arch } });
}

/** Of messages those count that were accepted: as many as there were to be. */
export async function checked<R extends { readonly number: number; readonly refused?: boolean } = Received>(
  t: { diagnostic(text: string): void },
  run: TracedCalls,
  check: Check<R>,
): Promise<void> {
  const result = await trace(run);
  try {
    t.diagnostic(result.output);
    assert.equal(result.exitCode, 0, await everythingSaid(result));
    const received = (await lines(result, "received.jsonl")).map((line): R => JSON.parse(line));
    const accepted = received.filter(({ refused }) => !refused);
    const numbers = accepted.map(({ number }) => number).sort((a, b) => a - b);
    assert.deepEqual(
      numbers,
      Array.from({ length: run.requests ?? accepted.length }, (_, number) => number),
    );
    const log = (await result.file("agent.log")).toString();
    t.diagnostic(log.slice(-2048));
    await assertVerified(t, result);
    const spans = (await lines(result, "spans.jsonl")).flatMap(decodeTraces);
    check(received, spans, log, await runsOf(result));
  } finally {
    await result.dispose();
  }
}

async function trace(run: TracedCalls): Promise<VmResult> {
  const { kernel, receiver, rounds, queries, propagators = "tracecontext,baggage", environment = "" } = run;
  const env = { GOARCH: kernel.arch };
  const flags = ["-trimpath", "-ldflags=-s -w"];
  const [tool, caller, collector, preload] = await Promise.all([
    buildGo({ go: "1.26.8", source: calls, env }),
    run.caller(kernel.arch),
    buildGo({ go: "1.26.8", source: join(import.meta.dirname, "../collector"), flags, env }),
    buildVerifierLog(kernel.arch),
  ]);
  const words = [tool, caller, collector, receiver, rounds, ...queries.map((query) => `'${query}'`)];
  return await runInVm({
    kernel: kernel.name,
    command: `VERIFIER_PRELOAD=${preload} VERIFIER_LOG=$share/verifier OTEL_PROPAGATORS=${propagators} CALLER_ENVIRONMENT='${environment}' sh test/vm/trace-calls ${words.join(" ")}`,
    timeoutMs: 900_000,
    memoryMb: 1024,
  });
}

/** Of several programs with the same name the sum. */
async function runsOf(run: VmResult): Promise<Record<string, number> | undefined> {
  const text = await run.file("programs").catch(() => undefined);
  if (text === undefined) return undefined;
  const runs: Record<string, number> = {};
  for (const { name = "", run_cnt = 0 } of JSON.parse(text.toString()) as Program[])
    runs[name.slice(0, 15)] = (runs[name.slice(0, 15)] ?? 0) + run_cnt;
  return runs;
}

interface Program {
  readonly name?: string;
  readonly run_cnt?: number;
}

async function lines(run: VmResult, name: string): Promise<string[]> {
  return (await run.file(name)).toString().split("\n").filter(Boolean);
}

async function everythingSaid(run: VmResult): Promise<string> {
  const logs = ["agent.log", "caller.log", "receiver.log", "collector.log"].map(async (name) => {
    const log = await run.file(name).catch(() => Buffer.from("(nothing)"));
    return `--- ${name}\n${log.toString().slice(-8192)}`;
  });
  return [run.output, ...(await Promise.all(logs)), "--- console", run.console.slice(-8192)].join("\n");
}
