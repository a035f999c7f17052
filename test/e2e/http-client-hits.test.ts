import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { openGoBinary } from "../../src/binary/index.ts";
import { libraries } from "../../src/generated/registry.ts";
import { addon } from "../../src/kernel/index.ts";
import { planLibraries } from "../../src/plan/plan.ts";
import { goVersions } from "../fixtures/go-binaries.ts";
import { startAgent } from "./support/agent.ts";
import { buildClient, startClient } from "./support/http-client.ts";
import { startLoad } from "./support/load.ts";
import { runsOf } from "./support/program-runs.ts";

const requests = 2000;

/** Up to Go 1.20 a stack check that fails is a hit too: hits.test.ts. */
for (const { go, more } of [
  { go: "1.26.8", more: 0 },
  { go: "1.20.14", more: 20 },
])
  test(`a call costs two hits, and one more to hand its context on: Go ${go}`, (t) => countHits(t, go, more));

async function countHits(t: TestContext, go: string, more: number): Promise<void> {
  const statistics = new (addon().RunStats)();
  t.after(() => statistics.close());
  const client = await startClient(go, true);
  t.after(() => client.stop());
  const { pid } = client.server.running;
  const agent = await startAgent({ pid, env: { OTEL_TRACES_EXPORTER: "none" } });
  t.after(() => agent.running.stop("SIGKILL"));

  const url = `http://127.0.0.1:${client.server.ports.h1}/call?to=/ok&case=hits.`;
  const load = await startLoad({ url, connections: 4, requests });
  assert.equal((await load.result).failed, 0);

  const runs = Object.entries(runsOf(agent.running.pid)).filter(([name]) => name.startsWith("http_client_"));
  const { http_client_round_trip_started: starts = 0, ...others } = Object.fromEntries(runs);
  assert.ok(starts >= requests && starts <= requests + more, `${starts} hits of the start`);
  const { http_client_connection_found: handed, ...ends } = others;
  if (/socket tier: on/.test(agent.stderr()))
    assert.ok((handed ?? 0) >= requests && (handed ?? 0) <= requests + more);
  else assert.equal(handed, undefined);
  assert.deepEqual(ends, {
    http_client_round_trip_returned: requests,
    http_client_attempt_failed: 0,
    http_client_attempt_repeated: 0,
    http_client_http2_attempt_failed: 0,
  });
}

test("no probe sits on an instruction that is single-stepped", async () => {
  for (const go of ["1.20.14", ...goVersions]) {
    const binary = openGoBinary(await buildClient(go, true));
    const plans = planLibraries(binary, libraries, { disabled: [], loadBias: 0, offsets: () => [] });
    const plan = plans.find(({ library }) => library.path === "net/http/client");
    assert.equal(plan?.status, "attach");
    for (const { program, sites } of plan.programs) {
      assert.notEqual(sites.length, 0, program);
      for (const { instruction, function: fn } of sites) assert.ok(instruction.emulated, `${go}: ${fn.name}`);
    }
    binary.close();
  }
});
