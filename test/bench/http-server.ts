/**
 * What tracing costs a net/http server that does nothing: throughput and latency of one that is traced and exported,
 * as ratios to a second one of the same binary that is left alone, in slices that alternate (neighbours and the
 * machine's own moods disturb absolute figures). Client, servers, agent and endpoint share the machine.
 *
 *   npm run bench -- [--rounds 9] [--seconds 1] [--connections 1,8,64] [--headers 2,12] [--arms attached,sampled,kernel]
 *
 * attached: every request is exported over OTLP. headers: the same, with four headers captured. sampled: 1 % of them.
 * kernel: none, and the exporter off.
 */
import { parseArgs } from "node:util";
import { spawnAgent } from "../e2e/support/agent.ts";
import { type Running, sleep, start } from "../e2e/support/process.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { cpuSeconds, residentMegabytes } from "./process-figures.ts";
import { type Load, wrk } from "./wrk.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "9" },
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
  headers: {
    OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST:
      "x-request-id,x-real-ip,accept-language,content-type",
  },
  sampled: { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.01" },
  kernel: { OTEL_TRACES_SAMPLER: "always_off", OTEL_TRACES_EXPORTER: "none" },
};

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

const bare = await startProgram("bare");
const traced = await startProgram("bare");
const sink = await startProgram("sink");
const load = (address: string, connections: number, headers: number) =>
  wrk(`http://${address}/`, connections, headers, Number(values.seconds));

interface Round {
  readonly bare: Load;
  readonly traced: Load;
  /** Of the agent, for 1,000 requests. */
  readonly cpu: number;
}

async function measureRound(
  agent: Running,
  connections: number,
  headers: number,
  bareFirst: boolean,
): Promise<Round> {
  const before = bareFirst ? await load(bare.address, connections, headers) : undefined;
  const cpuBefore = cpuSeconds(agent.pid);
  const measured = await load(traced.address, connections, headers);
  await sleep(300); // what waits for its export is the traced slice's, too
  const cpu = (1000 * (cpuSeconds(agent.pid) - cpuBefore)) / measured.requests;
  return { bare: before ?? (await load(bare.address, connections, headers)), traced: measured, cpu };
}

async function measureCell(arm: string, connections: number, headers: number): Promise<void> {
  const agent = spawnAgent(["--pid", String(traced.running.pid), "--endpoint", `http://${sink.address}`], {
    OTEL_BSP_SCHEDULE_DELAY: "200",
    ...arms[arm],
  });
  await agent.waitFor(/attached to process/, 30_000);
  // What V8 compiles at first is not what a request costs.
  await load(traced.address, 8, headers);
  const rounds: Round[] = [];
  for (let i = 0; i < Number(values.rounds); i++)
    rounds.push(await measureRound(agent, connections, headers, i % 2 === 0));
  const megabytes = residentMegabytes(agent.pid);
  await agent.stop("SIGINT", 30_000);
  console.log(row(arm, connections, headers, rounds, megabytes));
  console.log(`          ${/spans [\d,]+ = .*/.exec(agent.stderr())?.[0]}`);
}

const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
const range = (list: readonly number[]) =>
  `[${Math.min(...list).toFixed(2)}-${Math.max(...list).toFixed(2)}]`;

function row(
  arm: string,
  connections: number,
  headers: number,
  rounds: readonly Round[],
  megabytes: number,
): string {
  const ratios = rounds.map((round) => round.traced.perSecond / round.bare.perSecond);
  const of = (pick: (round: Round) => number) => median(rounds.map(pick));
  return [
    arm.padEnd(9),
    `${connections} connections`.padStart(14),
    `${headers} headers`.padStart(10),
    `throughput ${median(ratios).toFixed(2)} ${range(ratios)}`,
    `alone ${of((round) => round.bare.perSecond).toFixed(0)}/s`,
    `p50 ${of((round) => round.traced.p50 / round.bare.p50).toFixed(2)}`,
    `p99 ${of((round) => round.traced.p99 / round.bare.p99).toFixed(2)}`,
    `agent ${of((round) => round.cpu).toFixed(4)} CPU-s/1000 requests`,
    `${megabytes.toFixed(0)} MB`,
  ].join("  ");
}

try {
  for (const arm of values.arms.split(","))
    for (const connections of numbers(values.connections))
      for (const headers of numbers(values.headers)) await measureCell(arm, connections, headers);
} finally {
  for (const { running } of [bare, traced, sink]) await running.stop("SIGTERM", 5000);
}
