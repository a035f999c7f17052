/**
 * What tracing costs a server whose request makes ten nested spans with OpenTelemetry's API: throughput and latency of
 * one that is traced and exported, as ratios to a second one of the same binary that is left alone, in slices that
 * alternate. Load, servers, agent and endpoint share the machine.
 *
 *   node --import tsx test/bench/api.ts [--rounds 9] [--seconds 2] [--connections 1,8,64]
 */
import { parseArgs } from "node:util";
import { spawnAgent } from "../e2e/support/agent.ts";
import { sleep, start, stopAll } from "../e2e/support/process.ts";
import { type Server, startExecutable } from "../e2e/support/server.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { apiBuilds, buildApi } from "../libraries/go.opentelemetry.io/program.ts";
import { cpuSeconds } from "./process-figures.ts";
import { wrk } from "./wrk.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "9" },
    seconds: { type: "string", default: "2" },
    connections: { type: "string", default: "1,8,64" },
  },
});

const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
const program = await buildApi(apiBuilds.newest);
const sinkProgram = await buildGo({
  go: apiBuilds.newest.go,
  source: `${import.meta.dirname}/programs/sink`,
  flags: ["-ldflags=-s -w"],
});

try {
  const [bare, traced] = [await startExecutable(program), await startExecutable(program)];
  const sink = start(sinkProgram, []);
  await sink.waitFor(/listening/, 5000);
  const endpoint = `http://${/listening (\S+)/.exec(sink.stdout())?.[1]}`;
  const agent = spawnAgent(["--pid", String(traced.running.pid), "--endpoint", endpoint], {
    OTEL_BSP_SCHEDULE_DELAY: "200",
  });
  await agent.waitFor(/attached to process/, 30_000);
  const load = (server: Server, connections: number) =>
    wrk(`http://127.0.0.1:${server.ports.h1}/ten`, connections, 2, Number(values.seconds));
  for (const connections of values.connections.split(",").map(Number)) {
    await load(bare, connections);
    await load(traced, connections);
    const rounds = [];
    for (let i = 0; i < Number(values.rounds); i++) {
      const first = i % 2 === 0 ? await load(bare, connections) : undefined;
      const before = cpuSeconds(agent.pid);
      const measured = await load(traced, connections);
      await sleep(300); // what waits for its export is the traced slice's, too
      const cpu = (1000 * (cpuSeconds(agent.pid) - before)) / measured.requests;
      rounds.push({ alone: first ?? (await load(bare, connections)), measured, cpu });
    }
    const ratios = rounds.map(({ alone, measured }) => measured.perSecond / alone.perSecond);
    console.log(
      [
        `${connections} connections`.padStart(14),
        `throughput ${median(ratios).toFixed(2)} [${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}]`,
        `alone ${median(rounds.map(({ alone }) => alone.perSecond)).toFixed(0)}/s`,
        `p50 ${median(rounds.map(({ alone }) => alone.p50)).toFixed(0)} µs alone, ${median(rounds.map(({ measured }) => measured.p50)).toFixed(0)} µs traced`,
        `agent ${median(rounds.map(({ cpu }) => cpu)).toFixed(4)} CPU-s/1000 requests`,
      ].join("  "),
    );
  }
  await agent.stop("SIGINT", 30_000);
  console.log(/spans [\d,]+ = .*/.exec(agent.stderr())?.[0]);
} finally {
  await stopAll();
}
