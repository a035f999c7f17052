// Runs the cases.yaml of kafka-go's producer and consumer with a real broker and several versions of kafka-go, and
// compares whole trees.
import { join } from "node:path";
import { after } from "node:test";
import lt from "semver/functions/lt.js";
import {
  type KafkaBuild,
  type KafkaServers,
  kafkaBuilds,
  kafkaFolder,
  startKafkaProgram,
  startKafkaServers,
} from "./support/kafka.ts";
import { stopAll } from "./support/process.ts";
import { isBefore } from "./support/server.ts";
import { describeTrees, type TracedProgram, type TreeRun } from "./support/tree-run.ts";

let servers: Promise<KafkaServers> | undefined;
after(async () => {
  await (await servers)?.stop();
  await stopAll();
});

for (const build of kafkaBuilds) {
  describeTrees({ ...runOf("producer", build), start: () => startTraced("producer", build) });
  describeTrees({ ...runOf("consumer", build), start: () => startTraced("consumer", build) });
}

function runOf(end: "producer" | "consumer", build: KafkaBuild): Omit<TreeRun, "start"> {
  return {
    title: `kafka-go ${end}, ${build.kafka}, Go ${build.go}`,
    cases: join(kafkaFolder, end, "cases.yaml"),
    go: build.go,
    withoutRoutes: isBefore(build.go, 22),
    omit: ({ library }) => lt(build.kafka, library),
    env: { OTEL_GO_AUTO_INCLUDE_DB_STATEMENT: "true" },
    query: () => `run=${nameOf(end, build)}`,
    // The name that its topic has in the end.
    answered: ({ headers = {} }) => ({ topic: String(headers.topic ?? "") }),
  };
}

async function startTraced(end: "producer" | "consumer", build: KafkaBuild): Promise<TracedProgram> {
  servers ??= startKafkaServers();
  const { kafka, postgres } = await servers;
  // On one processor it is sure which goroutines a message has started: docs/parents.md.
  const program = await startKafkaProgram(build, {
    broker: kafka.address,
    database: postgres.dsn,
    processors: 1,
  });
  return {
    server: program.producer,
    pids: [program[end].running.pid],
    facts: {
      run: nameOf(end, build),
      brokerPort: kafka.port,
      databasePort: postgres.port,
      tooLarge: "github.com/segmentio/kafka-go.MessageTooLargeError",
    },
    stop: program.stop,
  };
}

/** All runs share a broker, and each has topics of its own. */
function nameOf(end: string, { kafka, go, stripped }: KafkaBuild): string {
  return `${end}-${kafka}-${go}-${stripped ? "stripped" : "symbols"}-`;
}
