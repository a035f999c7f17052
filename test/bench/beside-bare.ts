/**
 * What tracing costs a program: throughput and latency of one that is traced and exported, as ratios to a second one of
 * the same binary that is left alone, in slices that alternate. Load, servers, agent and endpoint share the machine.
 * Options of the command line: [--rounds 9] [--seconds 2] [--connections 1,8,64]
 */
import { parseArgs } from "node:util";
import { isBalanced, readAccount, spawnAgent } from "../e2e/support/agent.ts";
import { sleep, start, stopAll } from "../e2e/support/process.ts";
import { type Server, startExecutable } from "../e2e/support/server.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { cpuSeconds } from "./process-figures.ts";
import { wrk } from "./wrk.ts";

export interface Compared {
  /** Of a program that has the listener h1. */
  readonly executable: string;
  readonly path: string;
  /** Both of the agent. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "9" },
    seconds: { type: "string", default: "2" },
    connections: { type: "string", default: "1,8,64" },
  },
});

const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN;

/** Prints a line for each number of connections, and the agent's account. */
export async function compareWithBare({ executable, path, args = [], env }: Compared): Promise<void> {
  const sinkProgram = await buildGo({
    go: "1.26.8",
    source: `${import.meta.dirname}/programs/sink`,
    flags: ["-ldflags=-s -w"],
  });
  try {
    const [bare, traced] = [await startExecutable(executable), await startExecutable(executable)];
    const sink = start(sinkProgram, []);
    await sink.waitFor(/listening/, 5000);
    const endpoint = `http://${/listening (\S+)/.exec(sink.stdout())?.[1]}`;
    const agent = spawnAgent(["--pid", String(traced.running.pid), "--endpoint", endpoint, ...args], {
      OTEL_BSP_SCHEDULE_DELAY: "200",
      ...env,
    });
    await agent.waitFor(/attached to process/, 30_000);
    const load = async (server: Server, connections: number) => {
      const before = cpuSeconds(server.running.pid);
      const url = `http://127.0.0.1:${server.ports.h1}${path}`;
      const result = await wrk(url, connections, 2, Number(values.seconds));
      return { ...result, cpu: (1e6 * (cpuSeconds(server.running.pid) - before)) / result.requests };
    };
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
          `CPU ${median(rounds.map(({ alone }) => alone.cpu)).toFixed(0)} µs a request alone, ${median(rounds.map(({ measured }) => measured.cpu)).toFixed(0)} µs traced`,
          `agent ${median(rounds.map(({ cpu }) => cpu)).toFixed(4)} CPU-s/1000 requests`,
        ].join("  "),
      );
    }
    await agent.stop("SIGINT", 30_000);
    const account = readAccount(agent.stderr());
    console.log(account.line);
    if (!isBalanced(account)) throw new Error("the account does not balance");
  } finally {
    await stopAll();
  }
}
