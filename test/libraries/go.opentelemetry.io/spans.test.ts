// What a span may have beside its name and its parents, and the switch in the program that makes it build spans.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Agent, isBalanced, startAgent } from "../../e2e/support/agent.ts";
import { type Collector, type ReceivedSpan, startCollector } from "../../e2e/support/collector.ts";
import { sleep, stopAll } from "../../e2e/support/process.ts";
import type { TracedProgram } from "../../e2e/support/tree-run.ts";
import { apiBuilds, startApi, titleOf } from "./program.ts";

after(stopAll);

/** Bytes of an attribute: the first and the last of a row of spans, and the step. */
type Range = readonly [from: number, to: number, step: number];

/** Past several sizes of the kernel's room for a span, and past the largest. */
const smallOnes: Range = [0, 900, 3];
const largeOnes: Range = [65_000, 65_350, 7];

const lengths = ([from, to, step]: Range) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);

for (const build of [apiBuilds.oldestAuto, apiBuilds["1.33"], apiBuilds.newest])
  describe(`spans of OpenTelemetry API ${titleOf(build)}`, () => {
    let collector: Collector;
    let program: TracedProgram;
    let agent: Agent;
    let spans: readonly ReceivedSpan[];

    before(async () => {
      [collector, program] = await Promise.all([startCollector(), startApi(build)]);
      agent = await startAgent({ pid: program.server.running.pid, endpoint: collector.httpEndpoint });
      const paths = ["everything", "late", "large?size=40000", "large?size=300000", "unencoded"];
      const padded = [smallOnes, largeOnes].map((range) => `padded?bytes=${range.join("+")}`);
      for (const path of [...paths, ...padded]) await get(program, path);
      const { account } = await agent.stop();
      assert.ok(isBalanced(account), account.line);
      spans = await collector.waitFor((all) => all.length >= account.exported);
    });

    after(async () => {
      await program?.stop();
      await collector?.stop();
    });

    const named = (name: string) => spans.filter((span) => span.name === name);
    const childOf = (parent: ReceivedSpan | undefined) =>
      spans.find(({ parentSpanId }) => parentSpanId === parent?.spanId);

    test("attributes of all kinds, events, links, errors, status, times and scope", () => {
      const [span] = named("everything");
      assert.ok(span);
      const { traceId, spanId, parentSpanId, resource, ...own } = span;
      const [request] = named("GET /everything");
      assert.equal(parentSpanId, request?.spanId);
      assert.equal(traceId, request?.traceId);
      assert.deepEqual(resource, request?.resource);
      const begun = 1_700_000_000_123_456_789n;
      assert.deepEqual(own, {
        flags: 0x101,
        traceState: "",
        name: "everything",
        kind: "consumer",
        start: begun,
        end: begun + 3_000_000_000n,
        attributes: {
          "at.start": "<changed>",
          large: 2 ** 62,
          bool: true,
          int: -7,
          float: 2.5,
          "whole float": 3,
          texts: ["a", ""],
          ints: [1, 2],
          bools: [true, false],
          floats: [0.5, 1],
        },
        droppedAttributes: 0,
        events: [
          { name: "event", time: begun + 1_000_000_000n, attributes: { n: 1 }, droppedAttributes: 0 },
          {
            name: "exception",
            time: begun + 2_000_000_000n,
            attributes: { "exception.type": "*main.problem", "exception.message": 'out of "stock"' },
            droppedAttributes: 0,
          },
        ],
        droppedEvents: 0,
        links: [
          {
            traceId: "01020300000000000000000000000000",
            spanId: "0405060000000000",
            attributes: { linked: true },
          },
        ],
        droppedLinks: 0,
        status: { code: "error", message: "failed" },
        // It has none, so what stands there is the resource's.
        scope: { name: "stock", version: "", schemaUrl: span.scope.schemaUrl },
      });
    });

    test("a tracer's version and schema are its spans' scope", () => {
      const [span] = named("ended");
      assert.deepEqual(span?.scope, { name: "shop", version: "1.2.3", schemaUrl: "https://shop.example/1" });
    });

    test("a span that begins with the context of an ended one is its child", () => {
      const [parent, child] = [...named("ended"), ...named("after its parent")];
      assert.ok(parent && child);
      assert.equal(child.parentSpanId, parent.spanId);
      assert.equal(child.traceId, parent.traceId);
    });

    test("of a span of more than 64 KiB the first attributes, the status and the times; the rest is counted", () => {
      const [whole, cut] = named("large");
      assert.ok(whole && cut);
      assert.equal(Object.keys(whole.attributes).length, 41);
      assert.equal(whole.events.length, 1);
      assert.deepEqual(cut.status, { code: "error", message: 'too "large"' });
      assert.equal(cut.scope.schemaUrl, "https://shop.example/1");
      assert.equal(cut.attributes.first, "1");
      assert.equal(cut.attributes["part 000000"], 'é"'.repeat(250));
      const kept = Object.keys(cut.attributes).length;
      assert.ok(kept >= 40 && kept <= 80, `${kept} attributes`);
      const request = spans.find(({ spanId }) => spanId === cut.parentSpanId);
      assert.ok(request && request.start <= cut.start + 1_000_000n && cut.end <= request.end + 1_000_000n);
    });

    test("spans of all lengths are whole, up to 64 KiB; longer ones are cut and counted", async () => {
      const all = named("padded").toSorted((a, b) => (a.start < b.start ? -1 : 1));
      const padding = all.map(({ attributes }) => String(attributes.padding ?? "").length);
      const [small, large] = [
        padding.slice(0, lengths(smallOnes).length),
        padding.slice(-lengths(largeOnes).length),
      ];
      assert.deepEqual(small, lengths(smallOnes));
      const whole = large.filter((length) => length > 0);
      assert.ok(whole.length > 0 && whole.length < large.length, `${whole.length} of ${large.length}`);
      assert.deepEqual(whole, lengths(largeOnes).slice(0, whole.length));
      assert.match(agent.stderr(), new RegExp(`besides: ${1 + large.length - whole.length} texts cut`));
    });

    test("a span that Go can't encode keeps its place", () => {
      const [unknown] = named("unknown");
      assert.equal(unknown?.parentSpanId, named("GET /unencoded")[0]?.spanId);
      assert.equal(childOf(unknown)?.name, "within");
    });
  });

describe("the switch", () => {
  const build = apiBuilds.newest;

  /** Whether the program itself says that its spans record anything. */
  async function recording(program: TracedProgram): Promise<string | undefined> {
    const { running } = program.server;
    const before = running.stdout().length;
    await get(program, "recording");
    for (let look = 0; look < 100 && running.stdout().length === before; look++) await sleep(50);
    return /recording: (\w+)/.exec(running.stdout().slice(before))?.[1];
  }

  test("is on while the agent is there, off before and after; and a new agent takes over from a killed one", async () => {
    const program = await startApi(build);
    const { pid } = program.server.running;
    assert.equal(await recording(program), "false");
    const first = await startAgent({ pid, args: ["--console"] });
    assert.equal(await recording(program), "true");
    await first.stop();
    assert.equal(await recording(program), "false");
    const killed = await startAgent({ pid, args: ["--console"] });
    await killed.running.stop("SIGKILL");
    assert.equal(await recording(program), "true");
    const second = await startAgent({ pid, args: ["--console"] });
    assert.equal(await recording(program), "true");
    await second.stop();
    assert.equal(await recording(program), "false");
    await program.stop();
  });

  test("comes on again for an agent that stays when another one ends", async () => {
    const program = await startApi(build);
    const { pid } = program.server.running;
    const first = await startAgent({ pid, args: ["--console"] });
    const second = await startAgent({ pid, args: ["--console"] });
    await first.stop();
    for (let look = 0; look < 300 && (await recording(program)) === "false"; look++) await sleep(100);
    assert.equal(await recording(program), "true");
    await second.stop();
    assert.equal(await recording(program), "false");
    await program.stop();
  });

  test("follows the config file while the program runs", async (t) => {
    const directory = await mkdtemp(join(tmpdir(), "otel-go-auto-switch-"));
    t.after(() => rm(directory, { recursive: true }));
    const config = join(directory, "agent.yaml");
    await writeFile(config, "disable: []");
    const program = await startApi(build);
    const { pid } = program.server.running;
    const agent = await startAgent({ pid, args: ["--console", "--config", config] });
    assert.equal(await recording(program), "true");
    await writeFile(config, "disable: [auto/sdk]");
    await agent.running.waitFor(/API without SDK: detached/, 30_000);
    assert.equal(await recording(program), "false");
    await writeFile(config, "disable: []");
    for (let look = 0; look < 100 && (await recording(program)) === "false"; look++) await sleep(100);
    assert.equal(await recording(program), "true");
    await agent.stop();
    assert.equal(await recording(program), "false");
    await program.stop();
  });

  test("stays off with OTEL_GO_AUTO_GLOBAL=false, and nothing is attached for it", async () => {
    const program = await startApi(build);
    const { pid } = program.server.running;
    const agent = await startAgent({ pid, args: ["--console"], env: { OTEL_GO_AUTO_GLOBAL: "false" } });
    assert.equal(await recording(program), "false");
    await get(program, "direct");
    const { account } = await agent.stop();
    assert.equal(account.exported, 2, account.line);
    await program.stop();
  });
});

async function get({ server }: TracedProgram, path: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${server.ports.h1}/${path}`);
  assert.equal(await response.text(), "ok");
}
