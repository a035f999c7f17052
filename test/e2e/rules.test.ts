// Functions that a file's rules name become spans: with what the program tells of itself, and with what is declared.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { buildGo, everyGoVersion, type GoBuild } from "../fixtures/go-binaries.ts";
import { assertSpans, assertTrees, count, stripped, whole } from "../libraries/rules/expected.ts";
import { type Agent, isBalanced, startAgent } from "./support/agent.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./support/collector.ts";
import { type Running, sleep, start, stopAll } from "./support/process.ts";

const folder = join(import.meta.dirname, "..", "libraries", "rules");
const patient = 30_000;

const isMatrix = process.env.OTEL_GO_AUTO_MATRIX === "1";

const ways: readonly (readonly [name: string, flags: readonly string[], env?: GoBuild["env"]])[] = [
  ["-buildmode=pie -trimpath", ["-buildmode=pie", "-trimpath"]],
  ["-race, and so cgo", ["-race"], { CGO_ENABLED: "1" }],
  ["-N -l", ["-gcflags=all=-N -l"]],
];

/** The caller that recovers goes on where it would have after a return: what has panicked seems to have returned. */
const unoptimized = { ...whole, risky: [{ n: 0 }, { n: 1 }] };

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

  async function begin(
    go: string,
    flags: readonly string[],
    config: string,
    env: GoBuild["env"] = {},
  ): Promise<void> {
    const path = await buildGo({ go, source: join(folder, "app"), flags, env });
    program = start(path, [], { stdio: ["pipe", "pipe", "pipe"] });
    await program.waitFor(/ready/);
    agent = await startAgent({
      pid: program.pid,
      endpoint: collector.grpcEndpoint,
      protocol: "grpc",
      args: ["--config", config, "--log-level", "debug"],
    });
  }

  /** What the agent says of its account. */
  async function end(): Promise<string> {
    const closed = await agent?.stop();
    agent = undefined;
    await program?.stop("SIGKILL");
    program = undefined;
    assert.ok(closed && isBalanced(closed.account), closed?.account.line);
    return closed.account.line;
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

  for (const go of isMatrix ? everyGoVersion.slice(3) : ["1.20.14", "1.22.12", "1.26.8", "1.27.4"])
    test(`a program that tells of itself: Go ${go}`, async () => {
      await begin(go, [], join(folder, "whole.yaml"));
      // Callers that call through interfaces and function values show themselves in the first round.
      await round(1);
      const spans = await round(count(whole));
      assertSpans(spans, whole);
      assertTrees(spans);
      await end();
    });

  for (const [name, flags, env] of ways)
    for (const go of isMatrix ? everyGoVersion.slice(3) : ["1.26.8"])
      test(`a program built with ${name}: Go ${go}`, async () => {
        await begin(go, flags, join(folder, "whole.yaml"), env);
        await round(1);
        const spans = await round(count(whole));
        assertSpans(spans, flags.includes("-buildmode=pie") ? whole : unoptimized);
        assertTrees(spans);
        await end();
      });

  for (const go of isMatrix ? everyGoVersion.slice(3) : ["1.20.14", "1.26.8", "1.27.4"])
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
      /rules of process \d+: without main\.gone \(rule in line 3\): the program has no such function/,
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

  test("what is there already goes on when a rule comes: callers show themselves anew", async () => {
    const rules = readFileSync(join(folder, "whole.yaml"), "utf8");
    write(rules);
    await begin("1.26.8", [], file);
    await round(1);
    assertSpans(await round(count(whole)), whole);
    write(rules.replace(/^rules:\n/m, "$&  - { function: main.unknown }\n"));
    await agent?.running.waitFor(/rules: attached to process/, patient);
    await round(1);
    assertSpans(await round(count(whole)), whole);
    await end();
  });

  test("what errors say, on request, where their types show it", async () => {
    write(
      "rules:\n  - { function: main.wrapped, error_message: true, span: { name: told } }\n  - { function: main.inner }\n",
    );
    await begin("1.26.8", [], file);
    const spans = await round(7);
    const told = spans.filter(({ name }) => name === "told");
    assert.deepEqual(
      told.map(({ status, attributes }) => [status.code, status.message, attributes["error.type"]]),
      [
        ["error", "order 7: out of stock", "*fmt.wrapError"],
        ["error", "out of stock, no price", "*fmt.wrapErrors"],
        ["error", "no price", "*errors.errorString"],
        ["error", undefined, "*main.refused"],
        ["unset", undefined, undefined],
      ],
    );
    assert.ok(spans.every(({ name, status }) => name === "told" || status.message === undefined));
    await end();
  });

  test("a rule may be for one executable alone", async () => {
    write(
      "rules:\n  - { function: main.step, process: other }\n  - { function: main.step, process: /app/other }\n  - { function: main.bytes }\n",
    );
    await begin("1.26.8", [], file);
    assert.deepEqual(
      (await round(1)).map(({ name }) => name),
      ["main.bytes"],
    );
    const exe = readlinkSync(`/proc/${program?.pid}/exe`);
    write(
      `rules:\n  - { function: main.step, process: ${exe}, span: { name: path } }\n  - { function: main.describe, process: ${basename(exe)}, span: { name: base } }\n`,
    );
    await agent?.running.waitFor(/rules: attached to process/, patient);
    assert.deepEqual(new Set((await round(10)).map(({ name }) => name)), new Set(["path", "base"]));
    await end();
  });

  test("a share of the calls, and so many a second", async () => {
    write("rules:\n  - { function: main.describe, ratio: 0 }\n  - { function: main.step, limit: 1 }\n");
    await begin("1.26.8", [], file);
    const spans = await round(1);
    assert.ok(spans.length >= 1 && spans.length <= 2, String(spans.length));
    assert.ok(spans.every(({ name }) => name === "main.step"));
    assert.match(await end(), /2 not sampled \+ [67] left out \(more in a second than a rule's limit\)/);
  });
});
