// What a span that the program makes with OpenTelemetry's API costs: two hits, on instructions that the kernel emulates.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openGoBinary } from "../../src/binary/index.ts";
import { libraries } from "../../src/generated/registry.ts";
import { addon } from "../../src/kernel/index.ts";
import { planLibraries } from "../../src/plan/plan.ts";
import { apiBuilds, buildApi, startApi } from "../libraries/go.opentelemetry.io/program.ts";
import { startAgent } from "./support/agent.ts";
import { startLoad } from "./support/load.ts";
import { stopAll } from "./support/process.ts";
import { runsOf } from "./support/program-runs.ts";

after(stopAll);

const requests = 300;

test("ten spans a request cost two hits each, and none when they are not wanted", async (t) => {
  const statistics = new (addon().RunStats)();
  t.after(() => statistics.close());
  const program = await startApi(apiBuilds.newest);
  t.after(() => program.stop());
  for (const [wanted, hits] of [
    ["true", 10],
    ["false", undefined],
  ] as const) {
    const agent = await startAgent({
      pid: program.server.running.pid,
      env: { OTEL_TRACES_EXPORTER: "none", OTEL_GO_AUTO_GLOBAL: wanted },
    });
    t.after(() => agent.running.stop("SIGKILL"));
    const url = `http://127.0.0.1:${program.server.ports.h1}/ten`;
    const load = await startLoad({ url, connections: 4, requests });
    assert.equal((await load.result).failed, 0);
    const runs = runsOf(agent.running.pid);
    for (const name of ["auto_sdk_span_started", "auto_sdk_span_ended"])
      assert.equal(runs[name], hits && hits * requests, `${JSON.stringify(runs)}`);
    await agent.stop();
  }
});

test("no probe is single-stepped", async () => {
  for (const build of [apiBuilds["1.33"], apiBuilds.newest]) {
    const binary = openGoBinary(await buildApi(build));
    const plans = planLibraries(binary, libraries, { disabled: [], loadBias: 0, offsets: () => [] });
    const own = plans.filter(({ library, status }) => library.ofApplication && status === "attach");
    const sites = own.flatMap((plan) =>
      plan.status === "attach" ? plan.programs.flatMap((program) => program.sites) : [],
    );
    // Start and end of the Auto SDK's spans and of the API's own, and what is told of the span of a context.
    assert.equal(sites.length, (build === apiBuilds.newest ? 4 : 2) + 6);
    assert.ok(sites.every(({ instruction, flagsTest }) => instruction.emulated && !flagsTest));
    binary.close();
  }
});
