// What log records as events cost: one hit each, on an instruction that the kernel emulates, and nothing when off.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openGoBinary } from "../../src/binary/index.ts";
import { libraries } from "../../src/generated/registry.ts";
import { addon } from "../../src/kernel/index.ts";
import { planLibraries } from "../../src/plan/plan.ts";
import { buildLogs, type LogBuild, logBuilds, startLogs } from "../libraries/log/program.ts";
import { startAgent } from "./support/agent.ts";
import { sendLoad } from "./support/load.ts";
import { stopAll } from "./support/process.ts";
import { runsOf } from "./support/program-runs.ts";

after(stopAll);

const requests = 100;
const programs = {
  slog: "slog_record_made",
  zap: "zap_entry_written",
  zerolog: "zerolog_event_sent",
} as const;

test("three records and one that is filtered cost three hits; without the option no probe is there", async (t) => {
  const statistics = new (addon().RunStats)();
  t.after(() => statistics.close());
  const server = await startLogs(logBuilds.newest);
  t.after(() => server.stop());
  for (const wanted of ["true", "false"] as const) {
    const agent = await startAgent({
      pid: server.running.pid,
      env: { OTEL_TRACES_EXPORTER: "none", OTEL_GO_AUTO_LOG_EVENTS: wanted },
    });
    t.after(() => agent.running.stop("SIGKILL"));
    for (const logger of logBuilds.newest.loggers) {
      const url = `http://127.0.0.1:${server.ports.h1}/levels?logger=${logger}`;
      assert.equal((await sendLoad({ url, connections: 4, requests })).failed, 0);
    }
    const runs = runsOf(agent.running.pid);
    for (const program of Object.values(programs))
      assert.equal(runs[program], wanted === "true" ? 3 * requests : undefined, JSON.stringify(runs));
    const { code } = await agent.stop();
    assert.equal(code, 0);
    const off = /log records: not attached, only with OTEL_GO_AUTO_LOG_EVENTS=true/g;
    assert.equal(agent.stderr().match(off)?.length ?? 0, wanted === "true" ? 0 : 3, agent.stderr());
  }
});

for (const build of Object.values<LogBuild>(logBuilds))
  test(`no probe is single-stepped: zap ${build.zap}, zerolog ${build.zerolog}, Go ${build.go}`, async () => {
    const binary = openGoBinary(await buildLogs(build));
    const plans = planLibraries(binary, libraries, { disabled: [], loadBias: 0, offsets: () => [] });
    const own = plans.filter(({ library, status }) => library.ofLogs && status === "attach");
    const sites = own.flatMap((plan) =>
      plan.status === "attach" ? plan.programs.flatMap((program) => program.sites) : [],
    );
    assert.equal(own.length, build.loggers.length);
    // Both of slog's functions have one.
    assert.equal(sites.length, build.loggers.includes("slog") ? 4 : 2);
    assert.ok(sites.every(({ instruction }) => instruction.emulated));
    binary.close();
  });
