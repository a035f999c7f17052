// Rights and machine differ between hosts: what is looked at here is true on each.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { freePort, startEndpoint } from "../export/support/endpoint.ts";
import { folder, start } from "../target/processes.ts";
import { runCli } from "./run-cli.ts";

interface Document {
  readonly schema: number;
  readonly exitCode: number;
  readonly checks: readonly {
    readonly id: string;
    readonly group: string;
    readonly status: "ok" | "warning" | "problem";
    readonly what: string;
    readonly why: string | null;
    readonly next: string | null;
    readonly exitCode: number | null;
  }[];
}

async function doctor(words: readonly string[] = [], environment: Record<string, string> = {}) {
  const { code, stdout, stderr } = await runCli(["doctor", "--json", ...words], environment);
  const document: Document = JSON.parse(stdout);
  return {
    code,
    document,
    stderr,
    stdout,
    of: (id: string) => document.checks.find((check) => check.id === id),
  };
}

test("JSON: a check for all that matters, each problem and warning with a next step", async () => {
  const { code, document, stderr } = await doctor([], { OTEL_TRACES_EXPORTER: "none" });
  assert.equal(stderr, "");
  assert.deepEqual([document.schema, document.exitCode], [1, code]);
  const ids = document.checks.map(({ id }) => id);
  for (const id of [
    "kernel.release",
    "kernel.lockdown",
    "kernel.programs",
    "rights.CAP_BPF",
    "rights.CAP_PERFMON",
    "rights.CAP_SYS_PTRACE",
    "rights.CAP_NET_ADMIN",
    "rights.seccomp",
    "rights.user_namespace",
    "limits.memory",
    "limits.cgroup2",
    "place.pid_namespace",
    "place.processes",
    "target.process",
    "endpoint.traces",
  ])
    assert.ok(ids.includes(id), id);
  for (const { id, status, next, exitCode } of document.checks) {
    assert.equal(next !== null, status !== "ok", id);
    assert.equal(exitCode !== null, status === "problem", id);
  }
});

test("text: the same checks, grouped", async () => {
  const { stdout } = await runCli(["doctor"], { OTEL_TRACES_EXPORTER: "none" });
  for (const group of ["kernel", "rights", "limits", "place", "target", "endpoint"])
    assert.match(stdout, new RegExp(`^${group}$`, "m"));
  assert.match(
    stdout,
    /^ {2}warning {2}process +no target is given\n +why: .*\n +still works: .*\n +next: /m,
  );
  assert.match(stdout, /\n\n(tracing would work: no problems|\d+ problems?), \d+ warning/);
  assert.doesNotMatch(stdout, /undefined|\[object/);
});

test("no such process: 3; several processes are looked at one by one", async (t) => {
  const child = await start(t, "sleep", "600");
  const { code, document } = await doctor(["--pid", "4194300", "--pid", String(child.pid)], {
    OTEL_TRACES_EXPORTER: "none",
  });
  assert.equal(code, 3);
  const problems = document.checks.filter(({ status }) => status === "problem");
  const found = problems.map(({ group, id, exitCode }) => [group, id, exitCode]);
  assert.ok(found.some((each) => String(each) === "process 4194300,target.process,3"));
  assert.ok(found.some((each) => String(each) === `process ${child.pid},target.program,6`));
});

test("an executable that nobody runs now is no problem; one that is a script is", async (t) => {
  const none = await doctor([], {
    OTEL_GO_AUTO_TARGET_EXE: join(folder(t), "server"),
    OTEL_TRACES_EXPORTER: "none",
  });
  assert.equal(none.of("target.process")?.status, "warning");
  assert.match(none.of("target.process")?.what ?? "", /no process runs .*server now/);
  const directory = await doctor([], { OTEL_GO_AUTO_TARGET_EXE: "/etc", OTEL_TRACES_EXPORTER: "none" });
  assert.deepEqual(
    [directory.of("target.process")?.status, directory.of("target.process")?.exitCode],
    ["problem", 2],
  );
});

test("what the user has switched off is no riddle", async () => {
  const { of } = await doctor(["--pid", "4194300"], {
    OTEL_SDK_DISABLED: "true",
    OTEL_TRACES_EXPORTER: "none",
  });
  assert.deepEqual(
    [of("target.process")?.status, of("target.process")?.what],
    ["warning", "nothing would be attached"],
  );
});

test("the endpoint: accepted, or a problem with exit code 1; headers and passwords stay secret", async (t) => {
  const endpoint = await startEndpoint();
  t.after(() => endpoint.close());
  const secret = { OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20hush-hush" };
  const good = await doctor(["--endpoint", `http://user:whisper@127.0.0.1:${endpoint.port}`], secret);
  assert.equal(good.of("endpoint.traces")?.status, "ok");
  assert.equal(endpoint.received[0]?.headers.authorization, "Bearer hush-hush");
  const bad = await doctor(["--endpoint", `http://user:whisper@127.0.0.1:${await freePort()}`], secret);
  assert.deepEqual([bad.of("endpoint.traces")?.status, bad.of("endpoint.traces")?.exitCode], ["problem", 1]);
  for (const { stdout, stderr } of [good, bad]) assert.doesNotMatch(stdout + stderr, /hush|whisper/);
});

test("metrics have an endpoint of their own", async (t) => {
  const endpoint = await startEndpoint();
  t.after(() => endpoint.close());
  const { of } = await doctor([], {
    OTEL_METRICS_EXPORTER: "otlp",
    OTEL_TRACES_EXPORTER: "console",
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `http://127.0.0.1:${endpoint.port}/v1/metrics`,
  });
  assert.equal(of("endpoint.metrics")?.status, "ok");
  assert.equal(endpoint.received[0]?.path, "/v1/metrics");
});

test("bad values are exit code 2, as for the agent", async () => {
  for (const words of [
    ["doctor", "--protocol", "pigeon"],
    ["doctor", "--nonsense"],
    ["doctor", "extra"],
    ["--pid", "1", "doctor"],
  ]) {
    const { code, stdout, stderr } = await runCli(words);
    assert.deepEqual([code, stdout], [2, ""], words.join(" "));
    assert.match(stderr, /next: /);
  }
});
