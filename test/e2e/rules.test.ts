// Functions that a file's rules name become spans: with what the program tells of itself, and with what is declared.
import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { buildGo } from "../fixtures/go-binaries.ts";
import { type Agent, isBalanced, startAgent } from "./support/agent.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./support/collector.ts";
import { type Running, sleep, start, stopAll } from "./support/process.ts";

const folder = join(import.meta.dirname, "..", "libraries", "rules");
const patient = 30_000;

type Attributes = ReceivedSpan["attributes"];

const order = { region: "north", customer: "Ada", vip: true, note: "fragile", items: 2, tags: 3 };
const error = (type: string) => ({ "error.type": type });
const depths = (most: number) => Array.from({ length: most + 1 }, (_, n) => ({ n, depth: n }));
const workers = [0, 1, 2, 3, 4, 5, 6, 7];

const wide = { a: -8, b: 65535, c: -70000, d: 2 ** 40, e: true, g: "seven", j: "ten", l: -12 };

/** By span name: the attributes of each span of one round, beside code.function.name. */
const whole: Readonly<Record<string, readonly Attributes[]>> = {
  "place o-1": [
    { "order.id": "o-1", ...order, answer: "placed-o-1" },
    { "order.id": "o-1", ...order, answer: "", ...error("*errors.errorString") },
    { "order.id": "o-1", ...order, answer: "", ...error("*main.refused") },
  ],
  // Nil pointers lead to nothing.
  "place empty": [{ "order.id": "empty", region: "", items: 0, answer: "placed-empty" }],
  "main.Point.Move": [{ x: 3, y: 4, by: -5, label: "to-", "to.x": -2, "to.name": "to-p" }],
  "main.Wide": [wide],
  "main.Stacked": [{ head: "head", tail: 9, n: 21, "to.head": "head!", "to.tail": 10, twice: 42 }],
  map: [
    { in: 2, out: 2 },
    { in: 2, out: 2 },
  ],
  literal: [{}, {}, {}, {}],
  push: [
    { items: 0, count: 1 },
    { items: 1, count: 2 },
  ],
  depth: [...depths(3), ...workers.flatMap((id) => depths(id % 3))],
  risky: [{ n: 0 }, { n: 1, ...error("panic") }],
  guarded: [{ result: -1 }, { result: 0 }],
  inner: [{}, error("*main.refused")],
  outer: [{}, error("*main.refused")],
  save: [{ id: "s-1" }, { id: "s-2" }, { id: "s-3" }],
  "save all": [{ store: "*main.disk", ids: 3 }],
  describe: [
    { what: "string", err: "*main.refused", text: "whatrefused" },
    // Nil is nothing.
    { what: "int", text: "7 <nil>" },
  ],
  leaf: [{ n: 11 }],
  worker: workers.map((id) => ({ id })),
  step: workers.map((id) => ({ id, result: (id % 3) + id })),
  bytes: [{ raw: "some bytes", count: 10 }],
};

const stripped: typeof whole = {
  place: [
    { n: 0, answer: "placed-o-1" },
    { n: 1, answer: "", ...error("*errors.errorString") },
    { n: 2, answer: "", ...error("*main.refused") },
    { n: 3, answer: "placed-empty" },
  ],
  "main.Wide": [wide],
  map: [
    { in: 2, out: 2 },
    { in: 2, out: 2 },
  ],
  push: [
    { item: "one", count: 1 },
    { item: "two", count: 2 },
  ],
  depth: whole.depth ?? [],
  risky: whole.risky ?? [],
  inner: whole.inner ?? [],
  outer: [{}, {}],
  save: whole.save ?? [],
  describe: whole.describe ?? [],
  worker: whole.worker ?? [],
};

const sorted = (all: readonly Attributes[]) =>
  all.map((each) => JSON.stringify(Object.entries(each).sort())).sort();

describe("rules for functions", () => {
  const directory = mkdtempSync(join(tmpdir(), "otel-go-auto-rules-"));
  const file = join(directory, "rules.yaml");
  let collector: Collector;
  let program: Running | undefined;
  let agent: Agent | undefined;

  before(async () => {
    collector = await startCollector();
  });
  afterEach(async () => {
    await agent?.stop();
    await program?.stop("SIGKILL");
    agent = undefined;
    program = undefined;
  });
  after(async () => {
    await collector?.stop();
    await stopAll();
    rmSync(directory, { recursive: true });
  });

  async function begin(go: string, flags: readonly string[], config: string): Promise<void> {
    const path = await buildGo({ go, source: join(folder, "app"), flags });
    program = start(path, [], { stdio: ["pipe", "pipe", "pipe"] });
    await program.waitFor(/ready/);
    agent = await startAgent({
      pid: program.pid,
      endpoint: collector.grpcEndpoint,
      protocol: "grpc",
      args: ["--config", config, "--log-level", "debug"],
    });
  }

  async function end(): Promise<void> {
    const closed = await agent?.stop();
    agent = undefined;
    await program?.stop("SIGKILL");
    program = undefined;
    assert.ok(closed && isBalanced(closed.account), closed?.account.line);
  }

  /** One round of calls; the spans of it, when no more of them come. */
  async function round(least: number): Promise<ReceivedSpan[]> {
    const before = (await collector.spans()).length;
    const rounds = program?.stdout().match(/done/g)?.length ?? 0;
    program?.child.stdin?.write("\n");
    await program?.waitFor(new RegExp(`(done[^]*){${rounds + 1}}`));
    await collector.waitFor((spans) => spans.length >= before + least, patient);
    for (let seen = -1; ; ) {
      const now = (await collector.spans()).length;
      if (now === seen) return (await collector.spans()).slice(before);
      seen = now;
      await sleep(700);
    }
  }

  function assertSpans(spans: readonly ReceivedSpan[], expected: typeof whole): void {
    for (const [name, all] of Object.entries(expected)) {
      const found = spans.filter((span) => span.name === name);
      const attributes = found.map(({ attributes: { "code.function.name": _, ...rest } }) => rest);
      assert.deepEqual(sorted(attributes), sorted(all), name);
      for (const { status, attributes } of found)
        assert.equal(status.code === "error", "error.type" in attributes, name);
    }
    const names = new Set(spans.map(({ name }) => name));
    assert.deepEqual(
      [...names].filter((name) => !(name in expected)),
      [],
    );
    // What an error says is nobody's business.
    assert.doesNotMatch(
      JSON.stringify(spans.map(({ attributes, status, name }) => [attributes, status, name])),
      /secret of a customer/,
    );
  }

  function assertParents(spans: readonly ReceivedSpan[], parents: Readonly<Record<string, string>>): void {
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    for (const [child, parent] of Object.entries(parents))
      for (const span of spans.filter(({ name }) => name === child))
        assert.equal(byId.get(span.parentSpanId ?? "")?.name, parent, child);
  }

  const count = (expected: typeof whole) => Object.values(expected).flat().length;

  for (const go of ["1.20.14", "1.22.12", "1.26.8", "1.27.4"])
    test(`a program that tells of itself: Go ${go}`, async () => {
      await begin(go, [], join(folder, "whole.yaml"));
      // Callers that call through interfaces and function values show themselves in the first round.
      await round(1);
      const spans = await round(count(whole));
      assertSpans(spans, whole);
      assertParents(spans, {
        literal: "map",
        risky: "guarded",
        inner: "outer",
        save: "save all",
        step: "worker",
      });
      await end();
    });

  for (const go of ["1.20.14", "1.26.8", "1.27.4"])
    test(`a stripped program: Go ${go}`, async () => {
      await begin(go, ["-ldflags=-s -w"], join(folder, "stripped.yaml"));
      await agent?.running.waitFor(
        /without main\.Point\.Move \(rule in line 10\): .*tell what main\.Point is/,
      );
      await round(1);
      const spans = await round(count(stripped));
      assertSpans(spans, stripped);
      await end();
    });

  /** As editors do it, so that nobody reads half of it. */
  function write(text: string): void {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  }

  test("rules come and go while the program runs", async () => {
    write("log_level: debug\n");
    const path = await buildGo({ go: "1.26.8", source: join(folder, "app") });
    program = start(path, [], { stdio: ["pipe", "pipe", "pipe"] });
    await program.waitFor(/ready/);
    write("rules:\n  - { function: main.step, span: { name: first } }\n");
    agent = await startAgent({
      pid: program.pid,
      endpoint: collector.grpcEndpoint,
      protocol: "grpc",
      args: ["--config", file],
    });
    assert.deepEqual(new Set((await round(8)).map(({ name }) => name)), new Set(["first"]));
    write("rules:\n  - { function: main.describe, span: { name: second } }\n  - { function: main.gone }\n");
    await agent.running.waitFor(/rules: attached to process/, patient);
    await agent.running.waitFor(
      /without main\.gone \(rule in line 3\): the program has no such function/,
      patient,
    );
    assert.deepEqual(
      (await round(2)).map(({ name }) => name),
      ["second", "second"],
    );
    write("rules: []\n");
    await agent.running.waitFor(/(?:rules: detached from process[\s\S]*){2}/, patient);
    assert.deepEqual(await round(0), []);
    write("rules:\n  - { function: main.step, span: { name: third } }\n");
    await agent.running.waitFor(/(?:rules: attached to process[\s\S]*){2}/, patient);
    assert.deepEqual(new Set((await round(8)).map(({ name }) => name)), new Set(["third"]));
    await end();
  });

  test("a share of the calls, and so many a second", async () => {
    write(
      "rules:\n  - { function: main.step, ratio: 0, span: { name: none } }\n  - { function: main.inner, limit: 1 }\n",
    );
    await begin("1.26.8", [], file);
    const spans = await round(1);
    assert.ok(spans.length >= 1 && spans.length <= 2, String(spans.length));
    assert.ok(spans.every(({ name }) => name === "main.inner"));
    await end();
  });
});
