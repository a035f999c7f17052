import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { openGoBinary } from "../../src/binary/index.ts";
import { libraries } from "../../src/generated/registry.ts";
import { addon } from "../../src/kernel/index.ts";
import { planLibraries } from "../../src/plan/plan.ts";
import { startAgent } from "./support/agent.ts";
import { buildGrpc, grpcBuilds, newestGrpc, startGrpc } from "./support/grpc.ts";
import { runsOf } from "./support/program-runs.ts";

const calls = 2000;

test("a unary call costs two hits", async (t) => {
  const client = await traced(t);
  await client.call(`times=${calls}`);
  assert.deepEqual(client.hits(), {
    ...noHits,
    grpc_client_call_started: calls,
    grpc_client_call_finished: calls,
  });
});

test("a stream costs five, for its goroutine finishes it too; then messages cost one each, of all calls", async (t) => {
  const client = await traced(t);
  await client.call("kind=bidi&messages=3");
  await client.agent.running.waitFor(/further probes attached/);
  const stream = client.hits();
  assert.deepEqual(
    // The messages' probes come while the stream runs: whether they see its last ones is chance.
    { ...stream, ...noMessages },
    {
      ...noHits,
      grpc_client_call_started: 1,
      grpc_client_call_returned: 1,
      grpc_client_stream_begun: 1,
      grpc_client_call_finished: 2,
    },
  );
  await client.call("times=100");
  assert.deepEqual(since(stream, client.hits()), {
    ...noHits,
    grpc_client_call_started: 100,
    grpc_client_call_finished: 100,
    grpc_client_message_sent: 100,
    // The library looks for a second reply.
    grpc_client_message_wanted: 200,
  });
});

const noMessages = { grpc_client_message_sent: 0, grpc_client_message_wanted: 0 };

const noHits = {
  grpc_client_call_started: 0,
  grpc_client_call_returned: 0,
  grpc_client_stream_begun: 0,
  grpc_client_call_finished: 0,
  ...noMessages,
};

type Hits = Record<string, number>;

const since = (before: Hits, now: Hits): Hits =>
  Object.fromEntries(Object.entries(now).map(([program, hits]) => [program, hits - (before[program] ?? 0)]));

async function traced(t: TestContext) {
  const statistics = new (addon().RunStats)();
  t.after(() => statistics.close());
  const { front, facts, stop } = await startGrpc(newestGrpc);
  t.after(stop);
  const agent = await startAgent({
    pid: front.running.pid,
    args: ["--log-level", "debug"],
    env: { OTEL_TRACES_EXPORTER: "none" },
  });
  t.after(() => agent.running.stop("SIGKILL"));
  return {
    agent,
    async call(query: string) {
      const response = await fetch(`http://127.0.0.1:${facts.frontPort}/call?${query}`);
      assert.equal(await response.text(), "ok");
    },
    /** By program. */
    hits: () =>
      Object.fromEntries(Object.entries(runsOf(agent.running.pid)).filter(([name]) => name in noHits)),
  };
}

test("of a call that succeeds only NewStream's returns are single-stepped", async () => {
  for (const build of grpcBuilds) {
    const binary = openGoBinary(await buildGrpc(build));
    const plans = planLibraries(binary, libraries, { disabled: [], loadBias: 0, offsets: () => [] });
    const plan = plans.find(({ library }) => library.path === "google.golang.org/grpc/client");
    assert.equal(plan?.status, "attach");
    for (const { program, sites } of plan.programs) {
      assert.notEqual(sites.length, 0, program);
      for (const { instruction, function: fn } of sites)
        assert.ok(
          instruction.emulated || program === "grpc_client_call_returned",
          `${build.grpc}: ${fn.name}`,
        );
    }
    binary.close();
  }
});
