// What spans of goroutines cost: two hits each, and none when they are not wanted; and that they come and go live.
import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { addon } from "../../src/kernel/index.ts";
import { startFanout } from "./support/fanout.ts";
import { stopAll } from "./support/process.ts";
import { runsOf } from "./support/program-runs.ts";

after(stopAll);

const requests = 50;

test("two hits a goroutine", async (t) => {
  const statistics = new (addon().RunStats)();
  t.after(() => statistics.close());
  const run = await startFanout(t, { go: "1.27.4", goroutines: "spans" });
  await run.get("arguments", "first");
  await run.agent.running.waitFor(/those that begin with main\.work have spans from now on/);
  for (let n = 0; n < requests; n++) await run.get("arguments", `h${n}`);
  const runs = runsOf(run.agent.running.pid);
  assert.deepEqual([runs.goroutine_entered, runs.goroutine_returned], [requests, requests]);
  const account = await run.finish();
  // Each request has a server's span, a call's and a goroutine's; the first has had no probes.
  assert.equal(account.exported, 3 * requests + 2, account.line);
});

test("no program of theirs, and no hit, with links alone, or when nobody wants them", async (t) => {
  const statistics = new (addon().RunStats)();
  t.after(() => statistics.close());
  for (const goroutines of ["links", undefined] as const) {
    const run = await startFanout(t, { go: "1.27.4", ...(goroutines ? { goroutines } : {}) });
    for (let n = 0; n < 5; n++) await run.get("arguments", `h${n}`);
    const runs = runsOf(run.agent.running.pid);
    assert.ok(!Object.keys(runs).some((name) => name.startsWith("goroutine")), JSON.stringify(runs));
    assert.equal((await run.finish()).exported, 10);
  }
});

test("live: what was learned has spans again when they are wanted again", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "otel-go-auto-goroutines-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "agent.yaml");
  const write = (text: string) => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  write("{}\n");
  const run = await startFanout(t, { go: "1.27.4", args: ["--config", file] });
  const { running } = run.agent;
  await run.get("func", "a1");
  write("goroutines: spans\n");
  await running.waitFor(/goroutines: off → spans/);
  await running.waitFor(/goroutines: attached to process/);
  await run.get("func", "b1");
  await running.waitFor(/those that begin with main\.serveFunc\.func1 have spans from now on/);
  await run.get("func", "b2");
  write("goroutines: links\n");
  await running.waitFor(/goroutines: spans → links/);
  await running.waitFor(/goroutines: detached from process/);
  await run.get("func", "c1");
  write("goroutines: spans\n");
  await running.waitFor(/goroutines: links → spans/);
  await running.waitFor(/(goroutines: attached to process(.|\n)*){2}/);
  await run.get("func", "d1");
  const marks = ["a1", "b1", "b2", "c1", "d1"];
  const spans = await run.collect(marks, ["func"]);
  const parents = marks.map((mark) => {
    const call = spans.find(({ name }) => name === `DELETE func_${mark}`);
    return spans.find(({ spanId }) => spanId === call?.parentSpanId)?.name;
  });
  const goroutine = "go main.serveFunc.func1";
  assert.deepEqual(parents, ["GET", "GET", goroutine, "GET", goroutine]);
  await run.finish();
});
