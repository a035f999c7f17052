/**
 * Spans that a program makes, as parents of its calls, and as children of what such calls start elsewhere: SQL, HTTP,
 * gRPC and Kafka, with their context, on other goroutines, and with no context at all.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { isBalanced, startAgent } from "../../e2e/support/agent.ts";
import { type ReceivedSpan, startCollector } from "../../e2e/support/collector.ts";
import { type Postgres, startPostgres } from "../../e2e/support/postgres.ts";
import { stopAll } from "../../e2e/support/process.ts";
import { startExecutable } from "../../e2e/support/server.ts";
import { countOf, groupBy, shapeOf } from "../../e2e/support/shapes.ts";
import { type Kafka, startKafka } from "../../fixtures/brokers/kafka.ts";
import { buildGo } from "../../fixtures/go-binaries.ts";
import { apiBuilds, apiFolder } from "./program.ts";

const rounds = 20;
const sql = "client SELECT pg_class";
const http = "client GET (server GET /callee)";
const grpc = "client grpc.health.v1.Health/Check (server grpc.health.v1.Health/Check (internal answer))";
const own = [`internal grpc (${grpc})`, `internal http (${http})`, `internal sql (${sql})`];

const nameOf = ({ name, attributes: { order } }: ReceivedSpan) => (order ? `${name} order ${order}` : name);

const middleware = (call: string) =>
  `server GET /middleware (internal GET /middleware order 17 (${call}, internal own (${sql})))`;

const message = (sent: string) => `server GET /message (internal publish (${sent}))`;

describe("spans around calls, and in what is called", () => {
  let [kafka, postgres]: [Kafka?, Postgres?] = [];
  before(async () => {
    [kafka, postgres] = await Promise.all([startKafka(), startPostgres()]);
  });
  after(async () => {
    await Promise.all([kafka?.stop(), postgres?.stop()]);
    await stopAll();
  });

  test("each is where the program's context, or its goroutine, says", async (t) => {
    const { go } = apiBuilds.newest;
    const program = await buildGo({ go, source: join(apiFolder, "calls"), flags: ["-ldflags=-s -w"] });
    const args = ["-database", postgres?.dsn ?? "", "-broker", kafka?.address ?? ""];
    const server = await startExecutable(program, args);
    const get = (path: string) => fetch(`http://127.0.0.1:${server.ports.h1}${path}`);
    const collector = await startCollector();
    t.after(() => collector.stop());
    const agent = await startAgent({
      pid: server.running.pid,
      endpoint: collector.httpEndpoint,
      args: ["--log-level", "debug"],
    });
    // The first call of otelhttp's transport has no span of the agent's: where it calls from is learned.
    await get("/middleware");
    await agent.running.waitFor(/calls from \S*otelhttp\S* are traced/);
    for (let round = 0; round < rounds; round++) {
      await Promise.all([get("/calls"), get("/workers"), get("/middleware")]);
      await get("/message");
    }
    const { account } = await agent.stop();
    assert.ok(isBalanced(account), account.line);
    const spans = await collector.waitFor((all) => all.length >= account.exported);
    const traces = groupBy(spans, ({ traceId }) => traceId).values();
    const shapes = countOf([...traces].map((trace) => shapeOf(trace, nameOf)));
    const sent = "producer send orders";
    const handled = `consumer process orders (internal pack (${sql}))`;
    const isWritten = /write tier: on[^\n]*messages/.test(agent.stderr());
    assert.deepEqual(shapes, {
      [`server GET /calls (internal outer (${[sql, http, grpc, ...own].sort().join(", ")}))`]: rounds,
      [`server GET /workers (internal outer (${own.join(", ")}))`]: rounds,
      // Middleware's spans of what the agent traces too are internal, and keep what the program has set in them.
      [middleware(`internal HTTP GET (${http})`)]: rounds,
      [middleware("client HTTP GET")]: 1,
      "server GET /callee": 1,
      [message(sent)]: isWritten ? 1 : rounds,
      [isWritten ? message(`${sent} (${handled})`) : handled]: rounds - 1,
      // The reader was waiting for the first message before the agent came.
      [`internal pack (${sql})`]: 1,
    });
    await server.stop();
  });
});
