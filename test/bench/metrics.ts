/**
 * What metrics cost: processor time of the agent when nothing happens, and for each request, sampled or not, also that of
 * the programs in the kernel. A scraper comes by every 15 s.
 *
 *   node --import tsx test/bench/metrics.ts [--requests 50000] [--idle 60]
 */
import { parseArgs } from "node:util";
import { addon } from "../../src/kernel/index.ts";
import { spawnAgent } from "../e2e/support/agent.ts";
import { sendLoad } from "../e2e/support/load.ts";
import { sleep, start, stopAll } from "../e2e/support/process.ts";
import { runTimeOf } from "../e2e/support/program-runs.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { cpuSeconds, residentMegabytes } from "./process-figures.ts";

const { values } = parseArgs({
  options: { requests: { type: "string", default: "50000" }, idle: { type: "string", default: "60" } },
});
const requests = Number(values.requests);

const otlp = { OTEL_METRICS_EXPORTER: "otlp", OTEL_METRIC_EXPORT_INTERVAL: "15000" };
const status = { OTEL_GO_AUTO_STATUS_ADDRESS: "127.0.0.1:0" };
const onePercent = { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.01" };
const arms: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "everything, no metrics": {},
  "everything, OTLP": otlp,
  "everything, OTLP and /metrics": { ...otlp, ...status },
  "1 %, no metrics": onePercent,
  "1 %, /metrics without requests": { ...onePercent, ...status, OTEL_METRICS_EXPORTER: "none" },
  "1 %, OTLP": { ...onePercent, ...otlp },
};

async function startProgram(name: string): Promise<{ pid: number; url: string }> {
  const source = `${import.meta.dirname}/programs/${name}`;
  const running = start(await buildGo({ go: "1.26.8", source, flags: ["-ldflags=-s -w"] }), []);
  const [, address] = await running.waitFor(/listening (\S+)/, 5000);
  return { pid: running.pid, url: `http://${address}` };
}

async function measure(name: string, env: Readonly<Record<string, string>>): Promise<void> {
  const server = await startProgram("bare");
  const sink = await startProgram("sink");
  const agent = spawnAgent(["--pid", String(server.pid), "--endpoint", sink.url], env);
  await agent.waitFor(/attached to process/, 30_000);
  const scraped = /status at (\S+)/.exec(agent.stderr())?.[1];
  const scraper = setInterval(() => {
    if (scraped) void fetch(`${scraped}/metrics`).then((page) => page.text());
  }, 15_000);
  await sendLoad({ url: server.url, connections: 8, requests: 20_000 });
  await sleep(3000);
  const idle = cpuSeconds(agent.pid);
  await sleep(Number(values.idle) * 1000);
  const busy = cpuSeconds(agent.pid);
  const runTime = runTimeOf(agent.pid);
  await sendLoad({ url: server.url, connections: 8, requests });
  await sleep(3000);
  const cells = [
    name,
    `${((100 * (busy - idle)) / Number(values.idle)).toFixed(2)} %`,
    `${((1000 * (cpuSeconds(agent.pid) - busy)) / requests).toFixed(4)} s`,
    `${((runTimeOf(agent.pid) - runTime) / requests / 1000).toFixed(2)} µs`,
    `${residentMegabytes(agent.pid).toFixed(0)} MB`,
  ];
  console.log(`| ${cells.join(" | ")} |`);
  clearInterval(scraper);
  await agent.stop("SIGINT");
}

const statistics = new (addon().RunStats)();
try {
  console.log(
    "| | agent's CPU, idle | for 1,000 requests | programs, a request | resident |\n|---|---|---|---|---|",
  );
  for (const [name, env] of Object.entries(arms)) await measure(name, env);
} finally {
  statistics.close();
  await stopAll();
}
