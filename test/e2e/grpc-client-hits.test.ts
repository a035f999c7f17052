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
  assert.deepEqual(await hitsOf(t, `times=${calls}`), {
    grpc_client_call_started: calls,
    grpc_client_call_returned: 0,
    grpc_client_stream_begun: 0,
    grpc_client_call_finished: calls,
  });
});

test("a stream costs five: its goroutine finishes it once more", async (t) => {
  assert.deepEqual(await hitsOf(t, `times=${calls}&kind=bidi`), {
    grpc_client_call_started: calls,
    grpc_client_call_returned: calls,
    grpc_client_stream_begun: calls,
    grpc_client_call_finished: calls * 2,
  });
});

async function hitsOf(t: TestContext, query: string): Promise<Readonly<Record<string, number>>> {
  const statistics = new (addon().RunStats)();
  t.after(() => statistics.close());
  const { front, facts, stop } = await startGrpc(newestGrpc);
  t.after(stop);
  const agent = await startAgent({ pid: front.running.pid, env: { OTEL_TRACES_EXPORTER: "none" } });
  t.after(() => agent.running.stop("SIGKILL"));
  const response = await fetch(`http://127.0.0.1:${facts.frontPort}/call?${query}`);
  assert.equal(response.status, 200);
  await response.text();
  const runs = Object.entries(runsOf(agent.running.pid));
  return Object.fromEntries(runs.filter(([name]) => name.startsWith("grpc_client_")));
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
