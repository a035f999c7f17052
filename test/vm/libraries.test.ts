/**
 * All libraries in other kernels: a shop and its warehouse, each router's program and one with OpenTelemetry's SDK,
 * traced by one agent under load, and whole traces compared with what was asked for.
 *
 * OTEL_GO_AUTO_VM_KERNELS selects other kernels, OTEL_GO_AUTO_VM_VISITS says how many visits are paid.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { isBalanced, readAccount } from "../e2e/support/agent.ts";
import { decodeTraces } from "../e2e/support/otlp-json.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { runInVm, type VmResult } from "./boot.ts";
import { type Kernel, selectedKernels } from "./kernels.ts";
import { setUp } from "./setup.ts";
import { type Answer, difference, planVisits, traces } from "./visits.ts";

const tests = join(import.meta.dirname, "..");
const visits = planVisits(Number(process.env.OTEL_GO_AUTO_VM_VISITS ?? 690));

const kernels = selectedKernels("5.10,6.12,7.2,arm64-6.12");
setUp(kernels);

/** By name, and what the agent has to say of each. */
const programs = {
  gin: { source: "github.com/gin-gonic/gin", says: "gin routes" },
  chi: { source: "github.com/go-chi/chi/v5", says: "chi routes" },
  mux: { source: "github.com/gorilla/mux", says: "gorilla/mux routes" },
  echo4: { source: "github.com/labstack/echo/v4", says: "echo v4 routes" },
  echo5: { source: "github.com/labstack/echo/v5", says: "echo v5 routes" },
  sdk: { source: "go.opentelemetry.io/otel/sdk/trace", says: "OpenTelemetry SDK in the program" },
} as const;

for (const kernel of kernels)
  test(`all libraries on ${kernel.name}: each of ${visits.length} visits is its whole trace`, async (t) => {
    const run = await traceLibraries(kernel);
    try {
      t.diagnostic(`${kernel.name}: boot ${run.bootSeconds} s`);
      assert.equal(run.exitCode, 0, await everythingSaid(run));
      const log = await text(run, "agent.log");
      for (const says of attachments(log)) t.diagnostic(says);
      assert.doesNotMatch(log, /Warning/);
      for (const { says } of Object.values(programs)) assert.match(log, new RegExp(`${says}: attached`));
      for (const [says, times] of [
        ["net/http server: attached", 8],
        ["net/http client: attached", 3],
        ["database/sql: attached", 2],
        ["socket tier: on", 3],
      ] as const)
        assert.equal(log.split(says).length - 1, times, `${says}\n${log}`);

      const spans = (await text(run, "spans.jsonl")).split("\n").filter(Boolean).flatMap(decodeTraces);
      const answers = (JSON.parse(await text(run, "answers.json")) as string[]).map(readAnswer);
      const expected = visits.flatMap((visit, number) =>
        visit.expected.map((line) => `visit ${number}: ${line}`),
      );
      const { missing, surplus } = difference(expected, traces(spans, answers));
      const account = readAccount(log);
      const said = `${account.line}\n${missing.length} missing:\n${some(missing)}\n${surplus.length} surplus:\n${some(surplus)}`;
      assert.equal(missing.length + surplus.length, 0, said);
      assert.ok(isBalanced(account), account.line);
      assert.equal(account.exported, spans.length, account.line);
      assert.deepEqual(Object.keys(account.others), ["left to the program, which traces them itself"]);
      assert.doesNotMatch(run.console, /BUG:|WARNING:|Oops|Call Trace/, run.console);
    } finally {
      await run.dispose();
    }
  });

async function traceLibraries({ name, arch }: Kernel): Promise<VmResult> {
  const env = { GOARCH: arch };
  const build = (source: string) =>
    buildGo({ go: "1.26.8", source: join(tests, source), flags: ["-p=1", "-ldflags=-s -w"], env });
  const flags = ["-trimpath", "-ldflags=-s -w"];
  const words = [
    await buildGo({ go: "1.26.8", source: join(tests, "collector"), flags, env }),
    await build("demo-app"),
  ];
  for (const [program, { source }] of Object.entries(programs))
    words.push(`${program}=${await build(`libraries/${source}/app`)}`);
  const requests = JSON.stringify(visits.map((visit) => visit.requests));
  return await runInVm({
    kernel: name,
    command: `cat >"$share/visits.json" <<'END'\n${requests}\nEND\nsh test/vm/trace-libraries ${words.join(" ")}`,
    timeoutMs: 1_800_000,
    memoryMb: 2048,
  });
}

/** Answers of other programs are none. */
function readAnswer(body: string): Answer | undefined {
  return body.includes('"SpanID"') ? JSON.parse(body) : undefined;
}

/** What the agent says of libraries and tiers, once each. */
function attachments(log: string): readonly string[] {
  const lines = log.match(
    /^otel-go-auto: +.*: (attached|ready|not attached|on|off|without|\d+ requests)\b.*$/gm,
  );
  return [...new Set(lines?.map((line) => line.replace(/^otel-go-auto: */, "")))];
}

function some(lines: readonly string[]): string {
  return lines.slice(0, 20).join("\n");
}

async function text(run: VmResult, name: string): Promise<string> {
  return (await run.file(name)).toString();
}

async function everythingSaid(run: VmResult): Promise<string> {
  const names = ["agent", "shop", "warehouse", ...Object.keys(programs), "collector"];
  const logs = names.map(async (name) => {
    const log = await text(run, `${name}.log`).catch(() => "(nothing)");
    return `--- ${name}.log\n${log.slice(-8192)}`;
  });
  return [run.output, ...(await Promise.all(logs)), "--- console", run.console.slice(-8192)].join("\n");
}
