/**
 * What tracing costs a service whose request makes one query and one HTTP request of its own: throughput and latency
 * of one that is traced, exported and propagates its context, as ratios to a second one of the same binary that is
 * left alone, in slices that alternate. Load, services, PostgreSQL, agent and endpoint share the machine.
 *
 *   node --import tsx test/bench/service.ts [--rounds 9] [--seconds 2] [--connections 1,8,64]
 */
import { parseArgs } from "node:util";
import { spawnAgent } from "../e2e/support/agent.ts";
import { startPostgres } from "../e2e/support/postgres.ts";
import { sleep, start, stopAll } from "../e2e/support/process.ts";
import { type Server, startExecutable } from "../e2e/support/server.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { urlOf } from "../service/service.ts";
import { cpuSeconds } from "./process-figures.ts";
import { wrk } from "./wrk.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "9" },
    seconds: { type: "string", default: "2" },
    connections: { type: "string", default: "1,8,64" },
    go: { type: "string", default: "1.26.8" },
  },
});

const build = (source: string) =>
  buildGo({ go: values.go, source: `${import.meta.dirname}/${source}`, flags: ["-ldflags=-s -w"] });
const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN;

const program = await build("../service/app");
const postgres = await startPostgres();
const stock = await startExecutable(program, ["-role", "stock"]);
const startOrders = () =>
  startExecutable(program, ["-role", "orders", "-database", postgres.dsn, "-stock", urlOf(stock)]);

try {
  const [bare, traced] = [await startOrders(), await startOrders()];
  const sink = start(await build("programs/sink"), []);
  await sink.waitFor(/listening/, 5000);
  const agent = spawnAgent(
    [
      "--pid",
      String(traced.running.pid),
      "--endpoint",
      `http://${/listening (\S+)/.exec(sink.stdout())?.[1]}`,
    ],
    { OTEL_BSP_SCHEDULE_DELAY: "200" },
  );
  await agent.waitFor(/attached to process/, 30_000);
  const load = (server: Server, connections: number) =>
    wrk(`${urlOf(server)}/lines/1`, connections, 2, Number(values.seconds));
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
      const alone = first ?? (await load(bare, connections));
      rounds.push({ alone, measured, cpu });
    }
    const ratios = rounds.map(({ alone, measured }) => measured.perSecond / alone.perSecond);
    console.log(
      [
        `${connections} connections`.padStart(14),
        `throughput ${median(ratios).toFixed(2)} [${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}]`,
        `alone ${median(rounds.map(({ alone }) => alone.perSecond)).toFixed(0)}/s`,
        `p50 ${median(rounds.map(({ alone, measured }) => measured.p50 / alone.p50)).toFixed(2)}`,
        `p99 ${median(rounds.map(({ alone, measured }) => measured.p99 / alone.p99)).toFixed(2)}`,
        `agent ${median(rounds.map(({ cpu }) => cpu)).toFixed(4)} CPU-s/1000 requests`,
      ].join("  "),
    );
  }
  await agent.stop("SIGINT", 30_000);
  console.log(/spans [\d,]+ = .*/.exec(agent.stderr())?.[0]);
} finally {
  await postgres.stop();
  await stopAll();
}
