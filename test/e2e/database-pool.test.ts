// The state of a sql.DB's pool arrives as metrics.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startAgent } from "./support/agent.ts";
import { type ReceivedPoint, startCollector } from "./support/collector.ts";
import { startDatabaseProgram } from "./support/database-program.ts";
import { startPostgres } from "./support/postgres.ts";
import { stopAll } from "./support/process.ts";

after(stopAll);

test("connections of a pool, by their state, as a call finds them", async (t) => {
  const [collector, postgres] = await Promise.all([startCollector(), startPostgres()]);
  t.after(() => Promise.all([collector.stop(), postgres.stop()]));
  const { dsn } = postgres;
  const program = await startDatabaseProgram({ go: "1.26.8", program: "pq", dsn, unreachable: dsn });
  t.after(() => program.stop());
  const agent = await startAgent({
    pid: program.running.pid,
    endpoint: collector.httpEndpoint,
    // Pools are watched whether spans are wanted or not.
    env: {
      OTEL_METRICS_EXPORTER: "otlp",
      OTEL_METRIC_EXPORT_INTERVAL: "200",
      OTEL_TRACES_SAMPLER: "always_off",
    },
  });
  t.after(() => agent.running.stop("SIGKILL"));
  const response = await fetch(`http://127.0.0.1:${program.ports.h1}/query`);
  assert.equal(response.status, 200);

  const pool = `127.0.0.1:${postgres.port}/shop`;
  const ofPools = ({ name }: ReceivedPoint) => name.startsWith("db.client.connection.");
  const points = await collector.waitForPoints((all) => all.filter(ofPools).length >= 4);
  const values = points
    .filter(ofPools)
    .map(({ name, unit, value, attributes }) => JSON.stringify({ name, unit, value, attributes }));
  const point = (name: string, unit: string, value: number, more = {}) =>
    JSON.stringify({
      name: `db.client.connection.${name}`,
      unit,
      value,
      attributes: { "db.client.connection.pool.name": pool, ...more },
    });
  // The program has made its table before, over one connection, which waits for the next call.
  assert.deepEqual(
    new Set(values),
    new Set([
      point("count", "{connection}", 1, { "db.client.connection.state": "idle" }),
      point("count", "{connection}", 0, { "db.client.connection.state": "used" }),
      point("idle.max", "{connection}", 2),
      point("pending_requests", "{request}", 0),
    ]),
  );
});
