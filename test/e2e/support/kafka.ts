import assert from "node:assert/strict";
import { get } from "node:http";
import { join } from "node:path";
import { type Kafka, startKafka } from "../../fixtures/brokers/kafka.ts";
import { buildGo } from "../../fixtures/go-binaries.ts";
import { repository } from "./agent.ts";
import { type Postgres, startPostgres } from "./postgres.ts";
import { type Server, startExecutable } from "./server.ts";

export const kafkaFolder = join(repository, "test", "libraries", "github.com", "segmentio", "kafka-go");

export const producerScope = "otel-go-auto/github.com/segmentio/kafka-go/producer";
export const consumerScope = "otel-go-auto/github.com/segmentio/kafka-go/consumer";

export interface KafkaBuild {
  /** Version of github.com/segmentio/kafka-go. */
  readonly kafka: string;
  /** Version of the toolchain. */
  readonly go: string;
  /** Another go.mod than the newest version's. */
  readonly modfile?: string;
  /** Build tags: what that version hasn't got. */
  readonly tags?: string;
  readonly stripped: boolean;
}

export const newestKafka: KafkaBuild = { kafka: "0.4.51", go: "1.27.4", stripped: true };
export const middleKafka: KafkaBuild = {
  kafka: "0.4.35",
  go: "1.22.12",
  modfile: "v0_4_35.mod",
  stripped: false,
};
export const oldestKafka: KafkaBuild = {
  kafka: "0.4.1",
  go: "1.19.13",
  modfile: "v0_4_1.mod",
  tags: "v0_4_1",
  stripped: true,
};

/** Each with a Go version of its time, as far as that can be traced; more of them with OTEL_GO_AUTO_MATRIX=1. */
export const kafkaBuilds: readonly KafkaBuild[] =
  process.env.OTEL_GO_AUTO_MATRIX === "1"
    ? [
        oldestKafka,
        { kafka: "0.4.20", go: "1.20.14", modfile: "v0_4_20.mod", stripped: true },
        middleKafka,
        { ...newestKafka, go: "1.24.13" },
        { ...newestKafka, stripped: false },
        newestKafka,
      ]
    : [oldestKafka, middleKafka, newestKafka];

/** What the tests of many messages run on: the newest, or all with OTEL_GO_AUTO_MATRIX=1. */
export const heavyKafkaBuilds: readonly KafkaBuild[] =
  process.env.OTEL_GO_AUTO_MATRIX === "1" ? kafkaBuilds : [newestKafka];

export function buildKafka({ go, modfile, tags, stripped }: KafkaBuild): Promise<string> {
  const flags = [
    ...(stripped ? ["-ldflags=-s -w"] : []),
    ...(modfile === undefined ? [] : [`-modfile=${modfile}`]),
    ...(tags === undefined ? [] : [`-tags=${tags}`]),
  ];
  return buildGo({ go, source: join(kafkaFolder, "app"), flags });
}

/** Two processes of the same program: see its main.go. */
export interface KafkaProgram {
  /** Its listener "h1" takes requests that say what to write, and what the consumer shall read. */
  readonly producer: Server;
  readonly consumer: Server;
  stop(): Promise<unknown>;
}

export async function startKafkaProgram(
  build: KafkaBuild,
  {
    broker,
    database,
    processors,
  }: { readonly broker: string; readonly database?: string; readonly processors?: number },
): Promise<KafkaProgram> {
  const executable = await buildKafka(build);
  const args = ["-broker", broker, ...(database === undefined ? [] : ["-db", database])];
  const env = { ...process.env, ...(processors ? { GOMAXPROCS: `${processors}` } : {}) };
  const consumer = await startExecutable(executable, args, { env });
  const producer = await startExecutable(executable, [
    ...args,
    ...["-consumer", `127.0.0.1:${consumer.ports.jobs}`],
  ]);
  return { producer, consumer, stop: () => Promise.all([producer.stop(), consumer.stop()]) };
}

/** What all programs of a file share. */
export interface KafkaServers {
  readonly kafka: Kafka;
  readonly postgres: Postgres;
  stop(): Promise<void>;
}

export async function startKafkaServers(): Promise<KafkaServers> {
  const [kafka, postgres] = await Promise.all([startKafka(), startPostgres()]);
  return {
    kafka,
    postgres,
    async stop() {
      await Promise.all([kafka.stop(), postgres.stop()]);
    },
  };
}

/** What the consumer says of a job: app/consume/job.go. */
export interface JobResult {
  readonly count: number;
  readonly error: string;
  readonly seconds: number;
  readonly messages: readonly Handled[] | null;
}

/** Times in nanoseconds since 1970. */
export interface Handled {
  readonly partition: number;
  readonly offset: number;
  readonly begun: number;
  readonly ended: number;
  readonly committed: number;
}

/** What the producer says of a load: app/produce/load.go. */
export interface LoadResult {
  readonly calls: number;
  readonly failed: number;
  readonly messages: number;
  readonly seconds: number;
  /** Microseconds of a call. */
  readonly p50: number;
  readonly p99: number;
  readonly error: string;
}

/** Asks the producer for something that takes its time; the answer is JSON. */
export async function askKafka<Answer>({ producer }: KafkaProgram, path: string): Promise<Answer> {
  const { statusCode, body } = await new Promise<{ statusCode: number | undefined; body: string }>(
    (resolve, reject) => {
      // Not fetch, which gives up after five minutes.
      get(`http://127.0.0.1:${producer.ports.h1}${path}`, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          body += chunk;
        });
        response.on("error", reject).on("end", () => resolve({ statusCode: response.statusCode, body }));
      }).on("error", reject);
    },
  );
  if (statusCode !== 200) throw new Error(`${path}: ${statusCode} ${body}`);
  return JSON.parse(body) as Answer;
}

/**
 * Messages without a span, by what the agent says: a caller through a function value shows with its first message where
 * it goes on. In Go 1.27 the readers' is one, and all of them may be waiting there at that moment.
 */
export function firstOfCallers(stderr: string): number {
  const count = Number(/besides: (\d+) calls? not traced/.exec(stderr)?.[1] ?? 0);
  assert.ok(count <= 64, stderr);
  return count;
}
