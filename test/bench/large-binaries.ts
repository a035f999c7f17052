/**
 * What it takes to attach to a program by the size of its executable: time from the agent's start, bytes of the
 * executable that are read, and peak memory. The programs are stripped, and say to be of a Go release that no table
 * knows. Building them takes a quarter of an hour of a core and 6 GB of memory, once.
 *
 *   node --import tsx test/bench/large-binaries.ts [--rounds 7] [--sizes 5,20,100,300,600,700] [--go 1.26.8]
 *     [--unstripped] [--file PATH]…
 *
 * --file: a server of your own that prints "listening ADDRESS", instead of these.
 */
import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { spawnAgent } from "../e2e/support/agent.ts";
import { type Running, start } from "../e2e/support/process.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { buildLarge, withUnknownVersion } from "./large-program.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    sizes: { type: "string", default: "5,20,100,300,600,700" },
    go: { type: "string", default: "1.26.8" },
    unstripped: { type: "boolean", default: false },
    file: { type: "string", multiple: true },
  },
});

/** Megabytes → services of AWS. The two largest have Google's too, and the last one has a symbol table. */
const services: Readonly<Record<string, number>> = { 20: 12, 100: 110, 300: 382, 600: 382, 700: 382 };

async function program(size: string): Promise<string> {
  const { go } = values;
  const flags = values.unstripped ? [] : [size === "700" ? "-ldflags=-w" : "-ldflags=-s -w"];
  if (size === "5") return buildGo({ go, source: `${import.meta.dirname}/programs/bare`, flags });
  return buildLarge({ go, services: services[size] ?? 382, google: size === "600" || size === "700", flags });
}

interface Attach {
  /** Milliseconds from the start of the agent to its word that it is attached. */
  readonly started: number;
  /** Of these, what it says itself that attaching took. */
  readonly attaching: number;
  /** Megabytes. */
  readonly peak: number;
  readonly read: number | undefined;
}

/** With the log's debugging lines it also says how much it read. */
async function attach(pid: number, debug: boolean): Promise<Attach> {
  const begin = performance.now();
  const agent = spawnAgent(["--pid", String(pid), "--log-level", debug ? "debug" : "info"], {
    OTEL_TRACES_EXPORTER: "none",
  });
  const said = await untilAttached(agent);
  const started = performance.now() - begin;
  const status = readFileSync(`/proc/${agent.pid}/status`, "utf8");
  const peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
  if (debug) await agent.waitFor(/bytes read so far/, 5000);
  const read = /: (\d+) bytes read so far/.exec(agent.stderr())?.[1];
  await agent.stop("SIGINT", 10_000);
  return { started, attaching: said, peak, read: read === undefined ? undefined : Number(read) };
}

/** By the event itself: asking now and then would be 10 ms late. */
function untilAttached(agent: Running): Promise<number> {
  return new Promise((resolve, reject) => {
    agent.child.stderr?.on("data", () => {
      const [, milliseconds] = /attached to process .* in (\d+) ms/.exec(agent.stderr()) ?? [];
      if (milliseconds !== undefined) resolve(Number(milliseconds));
    });
    agent.exited.then(() => reject(new Error(agent.stderr())), reject);
  });
}

const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);
const median = (numbers: readonly number[]) => sorted(numbers)[numbers.length >> 1] ?? Number.NaN;

async function measure(path: string): Promise<string> {
  const server = start(path, []);
  try {
    await server.waitFor(/listening/, 60_000);
    await attach(server.pid, false); // brings the file into the page cache
    const { read = Number.NaN } = await attach(server.pid, true);
    const rounds: Attach[] = [];
    for (let i = 0; i < Number(values.rounds); i++) rounds.push(await attach(server.pid, false));
    const { size } = statSync(path);
    const times = sorted(rounds.map(({ started }) => started / 1000));
    return [
      `${(size / 1e6).toFixed(0)} MB`,
      `${median(times).toFixed(2)} s [${times[0]?.toFixed(2)}–${times.at(-1)?.toFixed(2)}]`,
      `${(median(rounds.map(({ attaching }) => attaching)) / 1000).toFixed(2)} s`,
      `${(read / 1e6).toFixed(1)} MB, ${((100 * read) / size).toFixed(0)} %`,
      `${median(rounds.map(({ peak }) => peak)).toFixed(0)} MB`,
      values.file ? basename(path) : `Go ${values.go}`,
    ].join(" | ");
  } finally {
    await server.stop("SIGTERM", 5000);
  }
}

console.log("| executable | start to attached | of it attaching | read of the file | peak memory | |");
console.log("|---|---|---|---|---|---|");
const paths = values.file ?? values.sizes.split(",");
for (const each of paths) {
  const path = values.file ? each : await withUnknownVersion(await program(each));
  console.log(`| ${await measure(path)} |`);
}
