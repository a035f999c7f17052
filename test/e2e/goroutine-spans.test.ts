// Goroutines that a handler starts, with OTEL_GO_AUTO_GOROUTINES: docs/goroutines.md. On one processor, where it is sure
// which request has started which goroutine.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { fanoutFunctions, fromSpans, startFanout } from "./support/fanout.ts";
import { stopAll } from "./support/process.ts";

after(stopAll);

/** Place → its path's span (""), or the function of the goroutine whose span is its parent; undefined: a root. */
const withSpans: Readonly<Record<string, string | undefined>> = {
  func: "main.serveFunc.func1",
  func_ctx: "main.serveFunc.func1",
  arguments: "main.work",
  method: "main.(*service).run",
  group_a: "golang.org/x/sync/errgroup.(*Group).Go.func1",
  group_b: "golang.org/x/sync/errgroup.(*Group).Go.func1",
  outer: "main.serveNested.func1",
  inner: "main.serveNested.func1.1",
  panics: "main.servePanics.func1",
  before: "main.serveOutlives.func1",
  after: "main.serveOutlives.func1",
  later: "main.serveLater.func1",
  pool: undefined,
  timer: undefined,
};

/** The same of what is started without spans; "link" for a root that is linked to the request. */
const withLinks: Readonly<Record<string, string | undefined>> = {
  func: "",
  func_ctx: "",
  arguments: "",
  method: "",
  group_a: "",
  group_b: "",
  outer: "",
  inner: undefined,
  panics: "",
  before: "",
  after: "link",
  later: "link",
  pool: undefined,
  timer: undefined,
};

for (const [go, stripped] of [
  ["1.22.12", false],
  ["1.27.4", true],
] as const)
  describe(`goroutines of requests, Go ${go}${stripped ? " stripped" : ""}`, () => {
    test("spans: each is a child of what has started it, and the parent of what it does", async (t) => {
      const run = await startFanout(t, { go, stripped, goroutines: "spans" });
      await run.learn(Object.values(fanoutFunctions).flat());
      for (const mark of ["m1", "m2", "m3"]) await run.sendAll(mark);
      const spans = await run.collect(["m1", "m2", "m3"], Object.keys(withSpans));
      const { parentOf, caseOf } = fromSpans(spans);
      for (const mark of ["m1", "m2", "m3"])
        for (const [place, wanted] of Object.entries(withSpans)) {
          const operation = spans.find(({ name }) => name === `DELETE ${place}_${mark}`);
          assert.ok(operation, `${place} ${mark}`);
          const parent = parentOf(operation);
          if (wanted === undefined) {
            assert.equal(operation.parentSpanId, "", place);
            assert.deepEqual(operation.links, []);
            continue;
          }
          assert.equal(parent?.name, `go ${wanted}`, `${place} ${mark}`);
          assert.equal(parent.attributes["code.function.name"], wanted);
          assert.equal(parent.kind, "internal");
          assert.ok(parent.start <= operation.start && operation.end <= parent.end, place);
          const starter = parentOf(parent);
          if (place === "later") {
            // It has begun when its request had ended.
            assert.equal(parent.parentSpanId, "");
            assert.deepEqual(parent.links.map(caseOf), [mark]);
          } else if (place === "inner") {
            assert.equal(starter?.name, "go main.serveNested.func1");
          } else {
            assert.equal(starter && caseOf(starter), mark, place);
          }
        }
      // Once a request, though the function is called twice.
      const both = spans.filter(({ name }) => name === "go main.both").map(parentOf);
      const cases = both.map((parent) => parent && caseOf(parent)).filter((mark) => mark !== "learning");
      assert.deepEqual(cases, ["m1", "m2", "m3"]);
      await run.finish();
    });

    test("links: what goes on behind the response is linked to its request", async (t) => {
      const run = await startFanout(t, { go, stripped, goroutines: "links" });
      for (const mark of ["m1", "m2", "m3"]) await run.sendAll(mark);
      const spans = await run.collect(["m1", "m2", "m3"], Object.keys(withLinks));
      const { parentOf, caseOf } = fromSpans(spans);
      assert.ok(!spans.some(({ name }) => name.startsWith("go ")));
      for (const mark of ["m1", "m2", "m3"])
        for (const [place, wanted] of Object.entries(withLinks)) {
          const operation = spans.find(({ name }) => name === `DELETE ${place}_${mark}`);
          assert.ok(operation, `${place} ${mark}`);
          const parent = parentOf(operation);
          assert.equal(parent && caseOf(parent), wanted === "" ? mark : undefined, `${place} ${mark}`);
          assert.deepEqual(operation.links.map(caseOf), wanted === "link" ? [mark] : [], `${place} ${mark}`);
        }
      await run.finish();
    });
  });

test("a worker that a request has started is not for good the request's", async (t) => {
  const run = await startFanout(t, { go: "1.26.8", goroutines: "spans" });
  await run.get("lazy", "l0&pool=0");
  await run.agent.running.waitFor(/those that begin with main\.worker have spans from now on/);
  const jobs = ["lazy_background_w1", "lazy_w2", "lazy_background_w3", "lazy_w4"];
  for (const job of jobs) await run.get(...callOf(job));
  const spans = await run.collector.waitFor(
    (all) => jobs.every((job) => all.some(({ name }) => name === `DELETE ${job}`)),
    30_000,
  );
  const { parentOf, caseOf } = fromSpans(spans);
  const parents = jobs.map((job) => {
    const operation = spans.find(({ name }) => name === `DELETE ${job}`);
    const parent = operation && parentOf(operation);
    assert.deepEqual(operation?.links, []);
    return parent && caseOf(parent);
  });
  // The first's parent is the goroutine's span, which has not ended. Then it has shown that it works for others.
  assert.deepEqual(parents, [undefined, "w2", undefined, "w4"]);
  const first = spans.find(({ name }) => name === "DELETE lazy_background_w1");
  const starter = spans.find((span) => caseOf(span) === "w1");
  assert.equal(first?.traceId, starter?.traceId);
  assert.notEqual(first?.parentSpanId, starter?.spanId);
  const third = spans.find(({ name }) => name === "DELETE lazy_background_w3");
  assert.equal(third?.parentSpanId, "");
  await run.finish(1);
});

/** "lazy_background_w1" → its path, and its case. */
function callOf(job: string): [string, string] {
  const at = job.lastIndexOf("_");
  return [job.slice(0, at).replaceAll("_", "-"), `${job.slice(at + 1)}&pool=1`];
}

test("a goroutine that ends by runtime.Goexit leaves no wrong parent", async (t) => {
  const run = await startFanout(t, { go: "1.26.8", goroutines: "spans" });
  await run.get("exits", "");
  await run.agent.running.waitFor(/those that begin with main\.serveExits\.func1 have spans from now on/);
  await run.get("exits", "e1");
  await run.get("func", "e2");
  const spans = await run.collect(["e1"], ["exits"]);
  const { caseOf } = fromSpans(spans);
  const exits = spans.find(({ name }) => name === "DELETE exits_e1");
  assert.equal(exits?.traceId, spans.find((span) => caseOf(span) === "e1")?.traceId);
  assert.ok(!spans.some(({ name }) => name.startsWith("go ")));
  await run.finish(1);
});

test("Go 1.20 doesn't know who has started a goroutine, which is said", async (t) => {
  const run = await startFanout(t, { go: "1.20.14", goroutines: "spans" });
  await run.agent.running.waitFor(/goroutines: not attached, go1\.20\.14 is older than Go 1\.21/);
  await run.get("func", "old");
  const spans = await run.collector.waitFor(
    (all) => all.some(({ name }) => name === "DELETE func_old"),
    30_000,
  );
  assert.ok(!spans.some(({ name }) => name.startsWith("go ")));
  await run.finish();
});
