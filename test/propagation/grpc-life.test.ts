import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Running, start } from "../e2e/support/process.ts";
import { attachCalls } from "./grpc/support/agent.ts";
import { Answering, startCalling } from "./grpc/support/calls.ts";

async function setUp(t: TestContext) {
  const [calling, answering] = [await startCalling(), await Answering.run()];
  t.after(async () => {
    await calling.stop();
    await answering.stop();
  });
  return { calling, address: answering.address };
}

test("a connection that is open already carries context from the next call on, and gives it up at the end", async (t) => {
  const { calling, address } = await setUp(t);
  const job = { Address: address, Count: 400, Concurrency: 40 };
  assert.equal((await calling.send(job)).Bare, 400);
  for (let round = 0; round < 3; round++) {
    const agent = attachCalls(calling.pid);
    assert.equal(agent.adopted, 1);
    assert.equal((await calling.send(job)).Carried, 400);
    assert.equal(agent.tier.counts().notWatchable, 0);
    agent.close();
    assert.equal((await calling.send(job)).Bare, 400);
  }
});

test("calls that are under way when the tier goes on or off arrive whole", async (t) => {
  const { calling, address } = await setUp(t);
  calling.begin({ Address: address, Concurrency: 50, Bytes: 2000, UntilLine: true });
  let carried = 0;
  for (let round = 0; round < 10; round++) {
    const agent = attachCalls(calling.pid);
    while (agent.tier.counts().written < 100) await pause();
    agent.close();
    carried += 100;
  }
  const { Failed, Wrong, Carried } = await calling.end();
  assert.deepEqual([Failed, Wrong], [null, null]);
  assert.ok(Carried >= carried, `${Carried}`);
});

test("the agent is killed and started again under load: no call fails", async (t) => {
  const { calling, address } = await setUp(t);
  calling.begin({ Address: address, Concurrency: 200, Bytes: 500, UntilLine: true });
  let agent: Running | undefined;
  t.after(() => agent?.stop("SIGKILL"));
  for (let round = 0; round < 8; round++) {
    const script = join(import.meta.dirname, "grpc/support/agent-process.ts");
    agent = start(process.execPath, ["--import", "tsx", script, String(calling.pid)]);
    await agent.waitFor(/attached [1-9]/, 60_000);
    // As long as it takes for some thousand calls.
    await new Promise((resolve) => setTimeout(resolve, 300 + 37 * round));
    await agent.stop("SIGKILL");
  }
  const { Failed, Wrong, Carried, OK } = await calling.end();
  assert.deepEqual([Failed, Wrong], [null, null]);
  assert.ok(Carried > 1000, `${Carried} of ${OK}`);
  // The kernel takes its time to free what the agent had.
  while ((await calling.send({ Address: address, Count: 100 })).Bare < 100) await pause();
});

test("another process of the same program is left alone", async (t) => {
  const { calling, address } = await setUp(t);
  const other = await startCalling();
  t.after(() => other.stop());
  const agent = attachCalls(calling.pid);
  t.after(() => agent.close());
  assert.equal((await other.send({ Address: address, Count: 20 })).Bare, 20);
  assert.equal((await calling.send({ Address: address, Count: 20 })).Carried, 20);
});

for (const [propagators, fields] of [
  [["b3"], { b3: "ID-SPAN-1" }],
  [["b3multi"], { "x-b3-traceid": "ID", "x-b3-spanid": "SPAN", "x-b3-sampled": "1" }],
  [["tracecontext", "b3"], { traceparent: "00-ID-SPAN-01", b3: "ID-SPAN-1", tracestate: "t=1" }],
  [["tracecontext"], { traceparent: "00-ID-SPAN-01", tracestate: "t=1" }],
] as const)
  test(`OTEL_PROPAGATORS=${propagators}: what is sent without, and its fields`, async (t) => {
    const { calling, address } = await setUp(t);
    const job = { Address: address, TraceState: "t=1", Baggage: "a=1", Tell: true };
    const before = (await calling.send(job)).Arrived?.[0];
    const agent = attachCalls(calling.pid, propagators);
    t.after(() => agent.close());
    const after = (await calling.send(job)).Arrived?.[0];
    const id = after?.Method.slice(1, 17) ?? "";
    const hex = (text: string) => Buffer.from(text).toString("hex");
    const added = Object.entries(fields).map(([name, value]) => [
      name,
      [value.replace("SPAN", hex(id.slice(8))).replace("ID", hex(id))],
    ]);
    assert.deepEqual(after?.Metadata, { ...before?.Metadata, ...Object.fromEntries(added) });
  });

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
