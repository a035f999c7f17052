import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { openGoBinary } from "../../src/binary/index.ts";
import { libraries } from "../../src/generated/registry.ts";
import { addon } from "../../src/kernel/index.ts";
import { planLibraries } from "../../src/plan/plan.ts";
import { goVersions } from "../fixtures/go-binaries.ts";
import { startAgent } from "./support/agent.ts";
import { startLoad } from "./support/load.ts";
import { runsOf } from "./support/program-runs.ts";
import { buildServer, startServer } from "./support/server.ts";

/**
 * Up to Go 1.20 the start's probe sits on the stack check, and one that fails is a hit too: when the stack grows, or
 * when the garbage collector wants the goroutine to stop (1 of 300,000 requests).
 */
for (const { go, more, late } of [
  { go: "1.26.8", more: 0, late: { servemux_handler_found: 0 } },
  { go: "1.20.14", more: 2, late: {} },
])
  test(`a request costs two hits, a connection one more: Go ${go}`, (t) => countHits(t, go, more, late));

test("captured headers cost no further hit", (t) =>
  countHits(
    t,
    "1.26.8",
    0,
    { servemux_handler_found: 0 },
    {
      OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST: "User-Agent,Accept-Encoding",
      OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE: "Content-Type",
    },
  ));

/** `late` are programs that wait, and that a request with a pattern does not need. */
async function countHits(
  t: TestContext,
  go: string,
  more: number,
  late: Readonly<Record<string, number>>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const statistics = new (addon().RunStats)();
  t.after(() => statistics.close());
  const server = await startServer({ go, stripped: true, program: "std" });
  t.after(() => server.stop());
  const agent = await startAgent({ pid: server.running.pid, env: { OTEL_TRACES_EXPORTER: "none", ...env } });
  t.after(() => agent.running.stop("SIGKILL"));

  const before = runsOf(agent.running.pid);
  assert.equal(Object.keys(before).length, 4 + Object.keys(late).length, JSON.stringify(before));
  const load = await startLoad({
    url: `http://127.0.0.1:${server.ports.h1}/plain`,
    connections: 4,
    requests: 2000,
  });
  assert.equal((await load.result).failed, 0);
  // The connections end on the server's side a moment after the load.
  const ended = () => runsOf(agent.running.pid).http_server_connection_ended;
  for (let i = 0; i < 50 && ended() !== 4; i++) await new Promise((resolve) => setTimeout(resolve, 100));

  const { http_server_handler_called: starts = 0, ...others } = runsOf(agent.running.pid);
  assert.ok(starts >= 2000 && starts <= 2000 + more, `${starts} hits of the start`);
  assert.deepEqual(others, {
    http_server_handler_returned: 2000,
    http_server_connection_ended: 4,
    http_server_stream_ended: 0,
    ...late,
  });
}

test("no probe sits on an instruction that is single-stepped", async () => {
  for (const go of ["1.20.14", ...goVersions]) {
    const binary = openGoBinary(await buildServer({ go, stripped: true, program: "std" }));
    const plans = planLibraries(binary, libraries, { disabled: [], loadBias: 0, offsets: () => [] });
    const sites = plans
      .flatMap((plan) => (plan.status === "attach" ? plan.programs : []))
      .flatMap(({ sites }) => sites);
    // One of them is a ServeMux's, which has patterns from Go 1.22 on.
    assert.equal(sites.length, go === "1.20.14" ? 4 : 5, go);
    for (const { instruction, function: fn } of sites) assert.ok(instruction.emulated, `${go}: ${fn.name}`);
    binary.close();
  }
});
