import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { openGoBinary } from "../../src/binary/index.ts";
import { libraries } from "../../src/generated/registry.ts";
import { addon } from "../../src/kernel/index.ts";
import { planLibraries } from "../../src/plan/plan.ts";
import { startAgent } from "./support/agent.ts";
import { buildGrpc, type GrpcBuild, grpcBuilds, newestGrpc, oldestGrpc, startGrpc } from "./support/grpc.ts";
import { runsOf } from "./support/program-runs.ts";

const calls = 2000;
/** Up to Go 1.20 a stack check that fails is a hit too: each call has a fresh goroutine, whose stack grows. */
const stackGrows = 3;

test("a call with one message each costs three hits", async (t) => {
  assert.deepEqual(await hitsOf(t, newestGrpc, `times=${calls}`), {
    grpc_server_rpc_started: calls,
    grpc_server_message_sent: 0,
    grpc_server_message_awaited: 0,
    grpc_server_status_written: calls,
    grpc_server_stream_returned: calls,
    grpc_server_goroutine_exits: 0,
  });
});

test("it does with the oldest version, but for stacks that grow", async (t) => {
  const {
    grpc_server_stream_handled: starts = 0,
    grpc_server_status_written: statuses = 0,
    ...others
  } = await hitsOf(t, oldestGrpc, `times=${calls}`);
  for (const hits of [starts, statuses]) assert.ok(hits >= calls && hits <= stackGrows * calls, `${hits}`);
  assert.deepEqual(others, {
    grpc_server_message_sent: 0,
    grpc_server_message_awaited: 0,
    grpc_server_stream_returned: calls,
    grpc_server_goroutine_exits: 0,
  });
});

async function hitsOf(
  t: TestContext,
  build: GrpcBuild,
  query: string,
): Promise<Readonly<Record<string, number>>> {
  const statistics = new (addon().RunStats)();
  t.after(() => statistics.close());
  const { back, facts, stop } = await startGrpc(build);
  t.after(stop);
  const agent = await startAgent({ pid: back.running.pid, env: { OTEL_TRACES_EXPORTER: "none" } });
  t.after(() => agent.running.stop("SIGKILL"));
  const response = await fetch(`http://127.0.0.1:${facts.frontPort}/call?${query}`);
  assert.equal(response.status, 200);
  await response.text();
  const runs = Object.entries(runsOf(agent.running.pid));
  return Object.fromEntries(runs.filter(([name]) => name.startsWith("grpc_server_")));
}

test("no probe sits on an instruction that is single-stepped, and each program has a place", async () => {
  for (const build of grpcBuilds) {
    const binary = openGoBinary(await buildGrpc(build));
    const plans = planLibraries(binary, libraries, { disabled: [], loadBias: 0, offsets: () => [] });
    const plan = plans.find(({ library }) => library.path === "google.golang.org/grpc/server");
    assert.equal(plan?.status, "attach", build.grpc);
    assert.deepEqual(plan.without, [], build.grpc);
    for (const { program, sites } of plan.programs) {
      assert.notEqual(sites.length, 0, program);
      for (const { instruction, function: fn } of sites)
        assert.ok(instruction.emulated, `${build.grpc}: ${fn.name}`);
    }
    binary.close();
  }
});
