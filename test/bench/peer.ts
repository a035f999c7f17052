/**
 * This agent beside opentelemetry-go-instrumentation v0.24.0, on the same server at the same time: throughput of one
 * that is left alone, one traced by us, and one traced by it, in slices that alternate; every request is exported over
 * OTLP. Behind each slice, how many spans the endpoint got for its requests. The other agent is built from its module.
 *
 *   node --import tsx test/bench/peer.ts [--rounds 7] [--seconds 1] [--connections 1,8,64] [--headers 2,12]
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { spawnAgent } from "../e2e/support/agent.ts";
import { type Running, sleep, start, stopAll } from "../e2e/support/process.ts";
import { buildGo, cacheDirectory, goCommand } from "../fixtures/go-binaries.ts";
import { residentMegabytes } from "./process-figures.ts";
import { type Load, wrk } from "./wrk.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    seconds: { type: "string", default: "1" },
    connections: { type: "string", default: "1,8,64" },
    headers: { type: "string", default: "2,12" },
  },
});
const peer = { module: "go.opentelemetry.io/auto", version: "v0.24.0", go: "1.26.8" };
const numbers = (list: string) => list.split(",").map(Number);
const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN;

/** Compiles its BPF programs and its command, once. */
async function buildPeer(): Promise<string> {
  const folder = join(cacheDirectory(), "peer", `${peer.version}-${peer.go}`);
  const command = join(folder, "otel-go-instrumentation");
  if (existsSync(command)) return command;
  await rm(folder, { recursive: true, force: true });
  const work = `${folder}.${process.pid}`;
  await mkdir(work, { recursive: true });
  const module = `${peer.module}@${peer.version}`;
  const { Dir } = JSON.parse(
    await goCommand(peer.go, ["mod", "download", "-json", module], { cwd: work }),
  ) as {
    Dir: string;
  };
  await cp(Dir, work, { recursive: true });
  await promisify(execFile)("chmod", ["-R", "u+w", work]);
  const include = join(work, "internal", "include");
  const env = { BPF2GO_CFLAGS: `-I${join(include, "libbpf")} -I${include}`, BPF2GO_MAKEBASE: "" };
  await goCommand(peer.go, ["generate", "./internal/..."], { cwd: work, env });
  // A folder of its repository that is not in the module.
  await goCommand(peer.go, ["mod", "edit", `-dropreplace=${peer.module}/sdk`], { cwd: work });
  await goCommand(peer.go, ["build", "-mod=mod", "-o", "otel-go-instrumentation", "./cli"], { cwd: work });
  await rename(work, folder);
  return command;
}

async function startProgram(name: string): Promise<{ running: Running; address: string }> {
  // With symbols: the other agent refuses stripped programs of Go 1.26.
  const path = await buildGo({ go: peer.go, source: `${import.meta.dirname}/programs/${name}` });
  const running = start(path, []);
  await running.waitFor(/listening/, 5000);
  return { running, address: /listening (\S+)/.exec(running.stdout())?.[1] ?? "" };
}

interface Arm {
  readonly name: string;
  readonly address: string;
  readonly agent: Running | undefined;
}

async function startArms(endpoint: string): Promise<readonly Arm[]> {
  const [bare, ours, theirs] = [
    await startProgram("bare"),
    await startProgram("bare"),
    await startProgram("bare"),
  ];
  const agent = spawnAgent(["--pid", String(ours.running.pid), "--endpoint", `http://${endpoint}`]);
  await agent.waitFor(/attached to process/, 30_000);
  const other = start(await buildPeer(), ["-target-pid", String(theirs.running.pid)], {
    env: {
      PATH: process.env.PATH,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${endpoint}`,
      OTEL_SERVICE_NAME: "bare",
      OTEL_BSP_SCHEDULE_DELAY: "100",
    },
  });
  await other.waitFor(/loaded successfully/, 60_000);
  await sleep(2000);
  return [
    { name: "alone", address: bare.address, agent: undefined },
    { name: "otel-go-auto", address: ours.address, agent },
    { name: `${peer.module} ${peer.version}`, address: theirs.address, agent: other },
  ];
}

try {
  const sink = await startProgram("sink");
  const arms = await startArms(sink.address);
  for (const connections of numbers(values.connections))
    for (const headers of numbers(values.headers)) {
      const load = ({ address }: Arm) =>
        wrk(`http://${address}/`, connections, headers, Number(values.seconds));
      for (const arm of arms) await load(arm);
      const rounds: Load[][] = [];
      for (let i = 0; i < Number(values.rounds); i++) {
        const round: Load[] = [];
        for (const arm of arms) {
          round.push(await load(arm));
          await sleep(300); // what waits for its export is this slice's, too
        }
        rounds.push(round);
      }
      console.log(`${connections} connections, ${headers} headers`);
      for (const [at, { name, agent }] of arms.entries()) {
        const ratios = rounds.map((round) => (round[at]?.perSecond ?? 0) / (round[0]?.perSecond ?? 0));
        const p50 = median(rounds.map((round) => (round[at]?.p50 ?? 0) / (round[0]?.p50 ?? 0)));
        console.log(
          `  ${name.padEnd(34)} throughput ${median(ratios).toFixed(2)} [${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}]  p50 ${p50.toFixed(2)}` +
            (agent ? `  ${residentMegabytes(agent.pid).toFixed(0)} MB` : ""),
        );
      }
    }
  const [, ours, theirs] = arms;
  await ours?.agent?.stop("SIGINT", 30_000);
  console.log(/spans [\d,]+ = .*/.exec(ours?.agent?.stderr() ?? "")?.[0]);
  await theirs?.agent?.stop("SIGINT", 30_000);
} finally {
  await stopAll();
}
