/**
 * What tracing costs programs that write to Kafka and read from it: how long messages take to go out, and then to come
 * in, with both ends traced and exported, as a ratio to a second pair of the same program that is left alone, in turns.
 * Programs, broker, agent and endpoint share the machine.
 *
 *   node --import tsx test/bench/kafka.ts [--rounds 5] [--messages 100000] [--each 1,10,100] [--workers 64]
 */
import { parseArgs } from "node:util";
import { isBalanced, readAccount, spawnAgent } from "../e2e/support/agent.ts";
import {
  askKafka,
  type JobResult,
  type KafkaProgram,
  type LoadResult,
  newestKafka,
  startKafkaProgram,
} from "../e2e/support/kafka.ts";
import { type Running, sleep, start, stopAll } from "../e2e/support/process.ts";
import { type Kafka, startKafka } from "../fixtures/brokers/kafka.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { cpuSeconds } from "./process-figures.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    messages: { type: "string", default: "100000" },
    each: { type: "string", default: "1,10,100" },
    workers: { type: "string", default: "64" },
  },
});
const messages = Number(values.messages);

interface End {
  /** Seconds for all messages. */
  readonly seconds: number;
  /** Microseconds of CPU for a message. */
  readonly cpu: number;
}
interface Run {
  readonly out: End;
  readonly into: End;
  readonly p50: number;
  readonly p99: number;
}

let topics = 0;
try {
  const kafka = await startKafka();
  const [bare, traced] = [await pair(kafka), await pair(kafka)];
  const agent = await trace(traced);
  for (const each of values.each.split(",").map(Number)) await compare(each, bare, traced, agent);
  await agent.stop("SIGINT", 60_000);
  const account = readAccount(agent.stderr());
  console.log(account.line);
  if (!isBalanced(account)) throw new Error("the account does not balance");
  await kafka.stop();
} finally {
  await stopAll();
}

function pair(kafka: Kafka): Promise<KafkaProgram> {
  return startKafkaProgram(newestKafka, { broker: kafka.address });
}

async function trace({ producer, consumer }: KafkaProgram): Promise<Running> {
  const source = `${import.meta.dirname}/programs/sink`;
  const sink = start(await buildGo({ go: "1.26.8", source, flags: ["-ldflags=-s -w"] }), []);
  const [, endpoint] = await sink.waitFor(/listening (\S+)/, 5000);
  const pids = [producer, consumer].flatMap(({ running }) => ["--pid", String(running.pid)]);
  const agent = spawnAgent([...pids, "--endpoint", `http://${endpoint}`], { OTEL_BSP_SCHEDULE_DELAY: "200" });
  await agent.waitFor(/(attached to process[\s\S]*){2}/, 120_000);
  return agent;
}

async function compare(each: number, bare: KafkaProgram, traced: KafkaProgram, agent: Running) {
  for (const program of [bare, traced]) await run(program, each, messages / 10);
  const rounds: { alone: Run; attached: Run; agentCpu: number }[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const first = round % 2 === 0 ? await run(bare, each, messages) : undefined;
    const before = cpuSeconds(agent.pid);
    const attached = await run(traced, each, messages);
    await sleep(500); // what waits for its export is the traced one's, too
    const agentCpu = (1000 * (cpuSeconds(agent.pid) - before)) / (2 * messages);
    rounds.push({ alone: first ?? (await run(bare, each, messages)), attached, agentCpu });
  }
  const ratios = (of: (run: Run) => number) => rounds.map(({ alone, attached }) => of(attached) / of(alone));
  const end = (name: string, of: (run: Run) => End) => {
    const throughput = ratios((run) => 1 / of(run).seconds);
    const alone = median(rounds.map((round) => messages / of(round.alone).seconds));
    return [
      `${name}: throughput ${median(throughput).toFixed(2)} [${Math.min(...throughput).toFixed(2)}-${Math.max(...throughput).toFixed(2)}]`,
      `alone ${alone.toFixed(0)}/s`,
      `CPU ${median(rounds.map((round) => of(round.attached).cpu)).toFixed(1)} µs, alone ${median(rounds.map((round) => of(round.alone).cpu)).toFixed(1)} µs`,
    ].join("  ");
  };
  console.log(`${each} a call, ${values.workers} at a time`);
  console.log(`  ${end("out", ({ out }) => out)}`);
  console.log(
    `  p50 ${median(ratios(({ p50 }) => p50)).toFixed(2)}  p99 ${median(ratios(({ p99 }) => p99)).toFixed(2)} of a call`,
  );
  console.log(`  ${end("in", ({ into }) => into)}`);
  console.log(
    `  agent ${median(rounds.map(({ agentCpu }) => agentCpu)).toFixed(4)} CPU-s for 1,000 messages at each end`,
  );
}

/** Through a topic of its own. */
async function run(program: KafkaProgram, each: number, count: number): Promise<Run> {
  const topic = `topic=bench-${++topics}&partitions=4`;
  const before = [program.producer, program.consumer].map(({ running }) => cpuSeconds(running.pid));
  const written = await askKafka<LoadResult>(
    program,
    `/load?${topic}&messages=${count}&each=${each}&workers=${values.workers}`,
  );
  if (written.messages !== count)
    throw new Error(`${written.messages} of ${count} written: ${written.error}`);
  const read = await askKafka<JobResult>(
    program,
    `/consume?${topic}&messages=${count}&written=1&group=bench-${topics}&interval=500`,
  );
  if (read.count !== count) throw new Error(`${read.count} of ${count} read: ${read.error}`);
  const [out = 0, into = 0] = [program.producer, program.consumer].map(
    ({ running }, index) => (1e6 * (cpuSeconds(running.pid) - (before[index] ?? 0))) / count,
  );
  return {
    out: { seconds: written.seconds, cpu: out },
    into: { seconds: read.seconds, cpu: into },
    p50: written.p50,
    p99: written.p99,
  };
}

function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
}
