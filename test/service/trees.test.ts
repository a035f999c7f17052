/**
 * Three processes, one trace: each request to the gateway fans out over goroutines, a database and two services, many
 * of them at the same time over pooled connections. Every trace is looked at as a whole.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isBalanced, readAccount, spawnAgent } from "../e2e/support/agent.ts";
import { type Collector, startCollector } from "../e2e/support/collector.ts";
import { sendLoad } from "../e2e/support/load.ts";
import { type Postgres, startPostgres } from "../e2e/support/postgres.ts";
import { stopAll } from "../e2e/support/process.ts";
import { countOf, groupBy, shapeOf } from "../e2e/support/shapes.ts";
import { isMixed, type Service, startService, urlOf } from "./service.ts";

const requests = 10_000;
const connections = 64;

/** A trace as its spans' names, children in order of their names. The order in which they ran is the program's. */
const level = "client GET (server GET /level/{id})";
const lines = `server GET /lines/{id} (${level}, client SELECT pg_class)`;
const expected = `server GET /orders/{id} (${level}, ${level}, client GET (${lines}))`;
const spansOfTrace = 10;

let collector: Collector;
let postgres: Postgres;
let service: Service;
before(async () => {
  [collector, postgres] = await Promise.all([startCollector(), startPostgres()]);
  service = await startService("1.26.8", postgres.dsn);
});
after(async () => {
  await postgres?.stop();
  await collector?.stop();
  await stopAll();
});

test(`${requests} requests through three processes give ${requests} whole traces`, async () => {
  const pids = Object.values(service).flatMap(({ running }) => ["--pid", String(running.pid)]);
  const agent = spawnAgent([...pids, "--endpoint", collector.httpEndpoint]);
  for (let i = 1; i <= 3; i++) await agent.waitFor(new RegExp(`(attached to process[^]*){${i}}`), 30_000);
  // New connections, and callers that are learned, belong to it: nothing is warmed up.
  const load = await sendLoad({
    url: `${urlOf(service.gateway)}/orders/{n}`,
    connections,
    requests,
  });
  assert.deepEqual([load.failed, load.errors], [0, {}]);
  await agent.stop("SIGINT", 30_000);
  const account = readAccount(agent.stderr());
  assert.ok(isBalanced(account), account.line);
  assert.equal(account.exported, requests * spansOfTrace, agent.stderr());

  const spans = await collector.waitFor((all) => all.length >= account.exported, 60_000);
  const traces = [...groupBy(spans, ({ traceId }) => traceId).values()];
  assert.deepEqual(countOf(traces.map((trace) => shapeOf(trace))), { [expected]: requests });
  // Each trace tells of one request alone: its number is in each of its paths.
  assert.deepEqual(traces.filter(isMixed), []);
});
