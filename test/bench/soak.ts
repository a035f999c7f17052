/**
 * An agent that nobody listens to: a program under a steady load, a collector that dies and comes back after a long
 * time. Prints the agent's memory on the way, how long after the collector's return spans arrive, and the account.
 * First, what the agent takes while nothing happens. Ends with 1 when a bound is not held.
 *
 *   node --import tsx test/bench/soak.ts [--minutes 60] [--rate 2000] [--limit 128] [--idle 60]
 */
import { parseArgs } from "node:util";
import { isBalanced, readAccount, spawnAgent } from "../e2e/support/agent.ts";
import { type Collector, startCollector } from "../e2e/support/collector.ts";
import { startLoad } from "../e2e/support/load.ts";
import { MemoryCgroup } from "../e2e/support/memory-cgroup.ts";
import { freePorts, sleep, stopAll } from "../e2e/support/process.ts";
import { startServer } from "../e2e/support/server.ts";
import { cpuSeconds, residentMegabytes } from "./process-figures.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    rate: { type: "string", default: "2000" },
    /** Megabytes of the agent's cgroup. */
    limit: { type: "string", default: "128" },
    /** Seconds without a request. */
    idle: { type: "string", default: "60" },
    args: { type: "string", default: "" },
  },
});
const bounds = { resident: 96, secondsUntilSpans: 10, idlePercent: 0.2 };
const minutes = Number(values.minutes);

const ports = await freePorts(2).then(([grpc = 0, http = 0]) => ({ grpc, http }));
const limit = new MemoryCgroup(Number(values.limit) * 2 ** 20);
const failures: string[] = [];
function check(holds: boolean, what: string): void {
  console.log(`${holds ? "  held" : "BROKEN"}  ${what}`);
  if (!holds) failures.push(what);
}

try {
  const server = await startServer({ go: "1.26.8", stripped: true, program: "std" });
  let collector = await startCollector(ports);
  const agent = spawnAgent(
    [
      "--pid",
      String(server.running.pid),
      "--endpoint",
      collector.httpEndpoint,
      ...values.args.split(" ").filter(Boolean),
    ],
    { OTEL_BSP_SCHEDULE_DELAY: "1000" },
    limit.wrapper,
  );
  await agent.waitFor(/attached to process/, 60_000);
  await sleep(5000); // what starting leaves to be tidied up
  check(
    (await idlePercent(agent.pid, Number(values.idle))) < bounds.idlePercent,
    `idle below ${bounds.idlePercent} % of a core`,
  );

  const load = await startLoad({
    url: `http://127.0.0.1:${server.ports.h1}/items/7`,
    connections: 64,
    rate: Number(values.rate),
  });
  await collector.waitFor((spans) => spans.length > 0, 20_000);
  await collector.stop();
  const memory = await watchMemory(agent.pid, minutes);
  check(
    Math.max(...memory) < bounds.resident,
    `resident memory below ${bounds.resident} MB, ${Math.max(...memory).toFixed(1)} at most`,
  );

  collector = await startCollector(ports);
  const seconds = await secondsUntilSpans(collector);
  check(seconds < bounds.secondsUntilSpans, `spans ${seconds.toFixed(1)} s after the collector's return`);
  await sleep(5000);
  const { requests, failed } = await load.stop();
  check(failed === 0, `${requests.toLocaleString("en")} requests, ${failed} failed`);
  const exit = await agent.stop("SIGINT", 60_000);
  const account = readAccount(agent.stderr());
  check(
    exit.code === 0 && isBalanced(account) && account.requests === requests,
    `the account balances: ${account.line}`,
  );
  console.log(
    `peak of the cgroup, kernel memory included: ${(limit.figures().peak / 2 ** 20).toFixed(0)} MB of ${values.limit}`,
  );
  await collector.stop();
} finally {
  await stopAll();
  limit.remove();
}
process.exit(failures.length === 0 ? 0 : 1);

async function idlePercent(pid: number, seconds: number): Promise<number> {
  const before = cpuSeconds(pid);
  await sleep(seconds * 1000);
  const percent = (100 * (cpuSeconds(pid) - before)) / seconds;
  console.log(
    `idle for ${seconds} s: ${percent.toFixed(2)} % of a core, ${residentMegabytes(pid).toFixed(1)} MB`,
  );
  return percent;
}

/** Megabytes every five seconds; a line for each tenth of the time. */
async function watchMemory(pid: number, minutes: number): Promise<readonly number[]> {
  const seen: number[] = [];
  const [begin, cpu] = [Date.now(), cpuSeconds(pid)];
  const end = begin + minutes * 60_000;
  let part = seen.length;
  for (let next = begin; Date.now() < end; ) {
    await sleep(5000);
    seen.push(residentMegabytes(pid));
    if (Date.now() < next + (minutes * 60_000) / 10) continue;
    next = Date.now();
    const latest = seen.slice(part);
    part = seen.length;
    const share = (100_000 * (cpuSeconds(pid) - cpu)) / (next - begin);
    console.log(
      `${((next - begin) / 60_000).toFixed(1).padStart(5)} min  ${Math.min(...latest).toFixed(1)}-${Math.max(...latest).toFixed(1)} MB, ${share.toFixed(1)} % of a core`,
    );
  }
  return seen;
}

async function secondsUntilSpans(collector: Collector): Promise<number> {
  const begin = Date.now();
  await collector.waitFor((spans) => spans.length > 0, 60_000);
  return (Date.now() - begin) / 1000;
}
