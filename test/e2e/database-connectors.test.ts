// Each kind of connector says where it leads, also when nobody is there: its configuration is all there is to read.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { buildGo } from "../fixtures/go-binaries.ts";
import { startAgent } from "./support/agent.ts";
import { type ReceivedSpan, startCollector } from "./support/collector.ts";
import { databaseFolder } from "./support/database-program.ts";
import { freePorts, stopAll } from "./support/process.ts";
import { startExecutable } from "./support/server.ts";

after(stopAll);

const postgres = { system: "postgresql", error: "*net.OpError" };
const pgx4 = { system: "postgresql", error: "*github.com/jackc/pgconn.connectError" };
const pgx5 = { system: "postgresql", error: "*github.com/jackc/pgx/v5/pgconn.ConnectError" };
const mysql = { system: "mysql", error: "*net.OpError" };
const mssql = { system: "microsoft.sql_server", namespace: "instance|shop", error: "*fmt.wrapError" };

/** By the path of the program's handler. */
const connectors: Readonly<Record<string, { system: string; namespace?: string; error: string }>> = {
  "/pq": postgres,
  "/pq-connector": postgres,
  "/pgx4": pgx4,
  "/pgx4-config": pgx4,
  "/pgx5": pgx5,
  "/pgx5-config": pgx5,
  "/mysql": mysql,
  "/otelsql": mysql,
  "/mssql": mssql,
  "/mssql-connector": mssql,
  "/oracle": { system: "oracle.db", error: "*net.OpError" },
};

test("where each kind of connector leads", async (t) => {
  const executable = await buildGo({
    go: "1.26.8",
    source: join(databaseFolder, "app"),
    package: "./connectors",
    flags: ["-ldflags=-s -w"],
  });
  const [closed = 0] = await freePorts(1);
  const [collector, program] = await Promise.all([
    startCollector(),
    startExecutable(executable, [`127.0.0.1:${closed}`]),
  ]);
  t.after(() => Promise.all([collector.stop(), program.stop()]));
  const agent = await startAgent({ pid: program.running.pid, endpoint: collector.httpEndpoint });
  t.after(() => agent.running.stop("SIGKILL"));

  const paths = Object.keys(connectors);
  for (const path of paths) {
    const response = await fetch(`http://127.0.0.1:${program.ports.h1}${path}`);
    assert.equal(response.status, 200);
  }
  // otelsql's own spans come beside ours.
  const isCall = ({ scope }: ReceivedSpan) => scope.name === "otel-go-auto/database/sql";
  const isRequest = ({ kind }: ReceivedSpan) => kind === "server";
  const spans = await collector.waitFor(
    (all) => all.filter(isCall).length >= paths.length && all.filter(isRequest).length >= paths.length,
  );
  const calls = spans.filter(isCall);
  const requests = new Map(spans.map(({ spanId, attributes }) => [spanId, attributes["url.path"]]));
  const found = calls.map(({ parentSpanId, attributes }) => [requests.get(parentSpanId), attributes]);
  const expected = Object.entries(connectors).map(([path, { system, namespace = "shop", error }]) => [
    path,
    {
      "db.system.name": system,
      "db.namespace": namespace,
      "server.address": "127.0.0.1",
      "server.port": closed,
      "db.operation.name": "SELECT",
      "db.collection.name": "users",
      "db.query.summary": "SELECT users",
      "error.type": error,
    },
  ]);
  assert.deepEqual(Object.fromEntries(found), Object.fromEntries(expected));
  assert.equal(calls.length, paths.length);
});
