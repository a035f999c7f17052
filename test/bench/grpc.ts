/**
 * What tracing costs the two ends of gRPC, each by itself: throughput and latency of calls to a server (by a client)
 * that is traced and exported, as ratios to a second one of the same binary that is left alone, in slices that
 * alternate. All calls of a client share one connection. Clients, servers, agent and endpoint share the machine.
 *
 *   node --import tsx test/bench/grpc.ts [--rounds 7] [--seconds 2] [--workers 1,8,64] [--streams 8]
 */
import { parseArgs } from "node:util";
import { spawnAgent } from "../e2e/support/agent.ts";
import { type GrpcProgram, newestGrpc, startFront, startGrpc } from "../e2e/support/grpc.ts";
import { type Running, sleep, start, stopAll } from "../e2e/support/process.ts";
import type { Server } from "../e2e/support/server.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { cpuSeconds } from "./process-figures.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    seconds: { type: "string", default: "2" },
    workers: { type: "string", default: "1,8,64" },
    streams: { type: "string", default: "8" },
  },
});

interface Load {
  readonly count: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly error: string;
}
/** With the microseconds of CPU that the end which is looked at took for a call, the kernel's part of it included. */
type Slice = Load & { readonly cpu: number };

/** The same program twice, of which one is traced; `load` makes calls to or by it. */
interface Pair {
  readonly bare: Server;
  readonly traced: Server;
  load(which: Server, query: string): Promise<Load>;
}

const numbers = (text: string) => text.split(",").filter(Boolean).map(Number);
const kinds = [
  ...numbers(values.workers).map((workers) => ({
    name: `unary, ${workers} at a time`,
    query: `workers=${workers}`,
  })),
  ...numbers(values.streams).map((workers) => ({
    name: `messages, ${workers} streams`,
    query: `workers=${workers}&kind=bidi`,
  })),
];

const programs: GrpcProgram[] = [];
try {
  await compare("server", await twoServers());
  await compare("client", await twoClients());
} finally {
  for (const program of programs) await program.stop();
  await stopAll();
}

async function startProgram(): Promise<GrpcProgram> {
  const program = await startGrpc(newestGrpc);
  programs.push(program);
  return program;
}

async function twoServers(): Promise<Pair> {
  const [{ back: bare }, { back: traced }] = [await startProgram(), await startProgram()];
  const client = await startFront(newestGrpc, { bare: addressOf(bare), traced: addressOf(traced) });
  return {
    bare,
    traced,
    load: (which, query) => send(client, `to=${which === bare ? "bare" : "traced"}&${query}`),
  };
}

async function twoClients(): Promise<Pair> {
  const { back } = await startProgram();
  const targets = { plain: addressOf(back) };
  const [bare, traced] = [await startFront(newestGrpc, targets), await startFront(newestGrpc, targets)];
  return { bare, traced, load: send };
}

async function compare(end: string, { bare, traced, load }: Pair): Promise<void> {
  const agent = await trace(traced);
  const slice = async (which: Server, query: string): Promise<Slice> => {
    const before = cpuSeconds(which.running.pid);
    const result = await load(which, query);
    return { ...result, cpu: (1e6 * (cpuSeconds(which.running.pid) - before)) / result.count };
  };
  for (const { name, query } of kinds) {
    await load(bare, query);
    await load(traced, query);
    const rounds: Round[] = [];
    for (let i = 0; i < Number(values.rounds); i++) {
      const first = i % 2 === 0 ? await slice(bare, query) : undefined;
      const before = cpuSeconds(agent.pid);
      const measured = await slice(traced, query);
      await sleep(300); // what waits for its export is the traced slice's, too
      const agentCpu = (1000 * (cpuSeconds(agent.pid) - before)) / measured.count;
      rounds.push({ alone: first ?? (await slice(bare, query)), measured, agentCpu });
    }
    console.log(lineOf(`${end}, ${name}`, rounds));
  }
  await agent.stop("SIGINT", 30_000);
  console.log(/spans [\d,]+ = .*/.exec(agent.stderr())?.[0]);
}

async function trace({ running }: Server): Promise<Running> {
  const source = `${import.meta.dirname}/programs/sink`;
  const sink = start(await buildGo({ go: newestGrpc.go, source, flags: ["-ldflags=-s -w"] }), []);
  const [, endpoint] = await sink.waitFor(/listening (\S+)/, 5000);
  const args = ["--pid", String(running.pid), "--endpoint", `http://${endpoint}`];
  const agent = spawnAgent(args, { OTEL_BSP_SCHEDULE_DELAY: "200" });
  await agent.waitFor(/attached to process/, 60_000);
  return agent;
}

interface Round {
  readonly alone: Slice;
  readonly measured: Slice;
  /** Seconds for 1,000 calls. */
  readonly agentCpu: number;
}

function lineOf(name: string, rounds: readonly Round[]): string {
  const ratios = (of: (slice: Slice) => number) =>
    rounds.map(({ alone, measured }) => of(measured) / of(alone));
  const throughput = ratios(({ count }) => count);
  return [
    name.padEnd(28),
    `throughput ${median(throughput).toFixed(2)} [${Math.min(...throughput).toFixed(2)}-${Math.max(...throughput).toFixed(2)}]`,
    `alone ${(median(rounds.map(({ alone }) => alone.count)) / Number(values.seconds)).toFixed(0)}/s`,
    `p50 ${median(ratios(({ p50 }) => p50)).toFixed(2)}`,
    `p99 ${median(ratios(({ p99 }) => p99)).toFixed(2)}`,
    `CPU ${median(rounds.map(({ measured }) => measured.cpu)).toFixed(1)} µs, alone ${median(rounds.map(({ alone }) => alone.cpu)).toFixed(1)} µs`,
    `agent ${median(rounds.map(({ agentCpu }) => agentCpu)).toFixed(4)} CPU-s/1000`,
  ].join("  ");
}

function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
}

function addressOf({ ports }: Server): string {
  return `127.0.0.1:${ports.plain}`;
}

async function send({ ports }: Server, query: string): Promise<Load> {
  const response = await fetch(`http://127.0.0.1:${ports.h1}/load?seconds=${values.seconds}&${query}`);
  const load = (await response.json()) as Load;
  if (load.error) throw new Error(load.error);
  return load;
}
