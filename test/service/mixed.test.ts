/**
 * HTTP, gRPC and a database in one trace: each request to the gateway makes two calls of gRPC at the same time, one of
 * which asks a database, talks over a stream, and asks by HTTP. Every trace is looked at as a whole.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isBalanced, startAgent } from "../e2e/support/agent.ts";
import { type Collector, startCollector } from "../e2e/support/collector.ts";
import { sendLoad } from "../e2e/support/load.ts";
import { type Postgres, startPostgres } from "../e2e/support/postgres.ts";
import { stopAll } from "../e2e/support/process.ts";
import { type Server, startExecutable } from "../e2e/support/server.ts";
import { countOf, groupBy, shapeOf } from "../e2e/support/shapes.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { isMixed, urlOf } from "./service.ts";

const requests = 5000;
const connections = 32;

const watch = "client shop.v1.Stock/Watch (server shop.v1.Stock/Watch)";
const level = "client GET (server GET /level/{id})";
const order = `client shop.v1.Orders/Order (server shop.v1.Orders/Order (${level}, client SELECT pg_class, ${watch}))`;
const reserve = "client shop.v1.Stock/Reserve (server shop.v1.Stock/Reserve)";
const expected = `server GET /orders/{id} (${order}, ${reserve})`;
const spansOfTrace = 10;

let collector: Collector;
let postgres: Postgres;
let servers: readonly [gateway: Server, orders: Server, stock: Server];
before(async () => {
  [collector, postgres] = await Promise.all([startCollector(), startPostgres()]);
  servers = await startMixed(postgres.dsn);
});
after(async () => {
  await postgres?.stop();
  await collector?.stop();
  await stopAll();
});

test(`${requests} requests over HTTP, gRPC and SQL give ${requests} whole traces`, async () => {
  const agent = await startAgent({
    pid: servers.map(({ running }) => running.pid),
    endpoint: collector.httpEndpoint,
  });
  const load = await sendLoad({ url: `${urlOf(servers[0])}/orders/{n}`, connections, requests });
  assert.deepEqual([load.failed, load.errors], [0, {}]);
  const { account } = await agent.stop();
  assert.ok(isBalanced(account), account.line);
  assert.equal(account.exported, requests * spansOfTrace, agent.stderr());

  const spans = await collector.waitFor((all) => all.length >= account.exported, 60_000);
  const traces = [...groupBy(spans, ({ traceId }) => traceId).values()];
  assert.deepEqual(countOf(traces.map((trace) => shapeOf(trace))), { [expected]: requests });
  // Each trace tells of one request alone: its number is in each of its paths.
  assert.deepEqual(traces.filter(isMixed), []);
});

/** The three processes of ./mixed, each a server of its own. */
async function startMixed(database: string): Promise<typeof servers> {
  const program = await buildGo({
    go: "1.26.8",
    source: join(import.meta.dirname, "mixed"),
    flags: ["-ldflags=-s -w"],
  });
  const stock = await startExecutable(program, ["-role", "stock"]);
  const toStock = ["-stock", addressOf(stock)];
  const orders = await startExecutable(program, [
    ...["-role", "orders", "-database", database, "-levels", urlOf(stock)],
    ...toStock,
  ]);
  const gateway = await startExecutable(program, [
    "-role",
    "gateway",
    "-orders",
    addressOf(orders),
    ...toStock,
  ]);
  return [gateway, orders, stock];
}

function addressOf({ ports }: Server): string {
  return `127.0.0.1:${ports.grpc}`;
}
