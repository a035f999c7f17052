/**
 * What tracing costs a net/http server that does nothing: throughput and latency with the agent attached and
 * exporting, as ratios to the same server left alone, in rounds that alternate (neighbours disturb absolute figures).
 *
 *   npm run bench -- [--rounds 5] [--seconds 1] [--connections 1,8,64] [--headers 2,12] [--arms attached,sampled,kernel]
 *
 * attached: every request is exported over OTLP. sampled: 1 % of them. kernel: none, and the exporter off.
 */
import { parseArgs } from "node:util";
import { spawnAgent } from "../e2e/support/agent.ts";
import { type Running, start } from "../e2e/support/process.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { cpuSeconds, residentMegabytes } from "./process-figures.ts";
import { type Load, wrk } from "./wrk.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "1" },
    connections: { type: "string", default: "1,8,64" },
    headers: { type: "string", default: "2,12" },
    arms: { type: "string", default: "attached,sampled" },
    go: { type: "string", default: "1.26.8" },
  },
});
const numbers = (list: string) => list.split(",").map(Number);

const arms: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  attached: {},
  sampled: { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.01" },
  kernel: { OTEL_TRACES_SAMPLER: "always_off", OTEL_TRACES_EXPORTER: "none" },
};

interface Measured extends Load {
  readonly cpuPerThousand: number;
  readonly megabytes: number;
}

async function startProgram(name: string): Promise<{ running: Running; address: string }> {
  const path = await buildGo({
    go: values.go,
    source: `${import.meta.dirname}/programs/${name}`,
    flags: ["-ldflags=-s -w"],
  });
  const running = start(path, []);
  await running.waitFor(/listening/, 5000);
  return { running, address: /listening (\S+)/.exec(running.stdout())?.[1] ?? "" };
}

const server = await startProgram("bare");
const sink = await startProgram("sink");
const url = `http://${server.address}/`;

async function measureBare(connections: number, headers: number): Promise<Load> {
  return wrk(url, connections, headers, Number(values.seconds));
}

async function measureArm(arm: string, connections: number, headers: number): Promise<Measured> {
  const agent = spawnAgent(["--pid", String(server.running.pid), "--endpoint", `http://${sink.address}`], {
    OTEL_BSP_SCHEDULE_DELAY: "1000",
    ...arms[arm],
  });
  await agent.waitFor(/attached to process/, 30_000);
  // What V8 compiles at first is not what a request costs.
  await wrk(url, 8, headers, 1);
  const before = cpuSeconds(agent.pid);
  const load = await wrk(url, connections, headers, Number(values.seconds));
  const cpu = cpuSeconds(agent.pid) - before;
  const megabytes = residentMegabytes(agent.pid);
  await agent.stop("SIGINT", 30_000);
  const account = /requests .*/.exec(agent.stderr())?.[0] ?? "";
  if (!/= [\d,]+ exported$/.test(account)) console.log(`    ${arm}: ${account}`);
  return { ...load, cpuPerThousand: (1000 * cpu) / load.requests, megabytes };
}

const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
const range = (list: readonly number[]) =>
  `[${Math.min(...list).toFixed(2)}-${Math.max(...list).toFixed(2)}]`;

async function measureCell(arm: string, connections: number, headers: number): Promise<void> {
  const rows: { bare: Load; with: Measured }[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    if (round % 2 === 0) {
      const bare = await measureBare(connections, headers);
      rows.push({ bare, with: await measureArm(arm, connections, headers) });
    } else {
      const measured = await measureArm(arm, connections, headers);
      rows.push({ bare: await measureBare(connections, headers), with: measured });
    }
  }
  const ratios = rows.map((row) => row.with.perSecond / row.bare.perSecond);
  const of = (pick: (row: { bare: Load; with: Measured }) => number) => median(rows.map(pick));
  console.log(
    [
      arm.padEnd(9),
      `${connections} connections`.padStart(14),
      `${headers} headers`.padStart(10),
      `throughput ${median(ratios).toFixed(2)} ${range(ratios)}`,
      `bare ${of((row) => row.bare.perSecond).toFixed(0)}/s`,
      `p50 ${of((row) => row.with.p50 / row.bare.p50).toFixed(2)}`,
      `p99 ${of((row) => row.with.p99 / row.bare.p99).toFixed(2)}`,
      `agent ${of((row) => row.with.cpuPerThousand).toFixed(4)} CPU-s/1000 requests`,
      `${of((row) => row.with.megabytes).toFixed(0)} MB`,
    ].join("  "),
  );
}

try {
  for (const arm of values.arms.split(","))
    for (const connections of numbers(values.connections))
      for (const headers of numbers(values.headers)) await measureCell(arm, connections, headers);
} finally {
  await server.running.stop("SIGTERM", 5000);
  await sink.running.stop("SIGTERM", 5000);
}
