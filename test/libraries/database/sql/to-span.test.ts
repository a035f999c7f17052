import assert from "node:assert/strict";
import test from "node:test";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { SqlCall } from "../../../../src/generated/libraries/database/sql.ts";
import { toSpan } from "../../../../src/libraries/database/sql/to-span.ts";
import { factsWith } from "../../support/records.ts";
import { callRecord, tell } from "./support/records.ts";

const types = { 1: "*github.com/lib/pq.Connector", 2: "*github.com/lib/pq.Error" };
const database = 0xc000012340;
const place = { database, connectorType: 1, host: "db.example", port: 5433, name: "shop" };
const query = "SELECT name FROM users WHERE id = 17";
const call = SqlCall.statement;
const known = {
  "db.system.name": "postgresql",
  "db.namespace": "shop",
  "server.address": "db.example",
  "server.port": 5433,
};
const parsed = {
  "db.operation.name": "SELECT",
  "db.collection.name": "users",
  "db.query.summary": "SELECT users",
};

test("a statement of a known database", (t) => {
  const facts = factsWith(types);
  tell(t, facts, place);
  assert.deepEqual(toSpan(callRecord(t, { database, call, query }), facts), {
    name: "SELECT users",
    kind: SpanKind.CLIENT,
    attributes: { ...known, ...parsed },
    status: { code: SpanStatusCode.UNSET },
    traceState: undefined,
  });
});

test("the text only when asked for, its literals masked; nothing of it when nothing is wanted", (t) => {
  const text = { "db.query.text": "SELECT name FROM users WHERE id = ?" };
  const system = { "db.system.name": "other_sql" };
  for (const [includeStatement, parseStatement, expected] of [
    [true, true, { ...system, ...parsed, ...text }],
    [true, false, { ...system, ...text }],
    [false, false, system],
  ] as const) {
    const facts = factsWith(types, { database: { includeStatement, parseStatement } });
    assert.deepEqual(toSpan(callRecord(t, { call, query }), facts).attributes, expected);
  }
});

test("calls without a text are named by what they do and where", (t) => {
  const facts = factsWith(types);
  for (const [call, operation] of [
    [SqlCall.begin, "BEGIN"],
    [SqlCall.commit, "COMMIT"],
    [SqlCall.rollback, "ROLLBACK"],
    [SqlCall.ping, "PING"],
  ] as const) {
    tell(t, facts, place);
    const { name, attributes } = toSpan(callRecord(t, { database, call }), facts);
    assert.equal(name, `${operation} shop`);
    assert.deepEqual(attributes, { ...known, "db.operation.name": operation });
    tell(t, facts, { ...place, name: "" });
    assert.equal(toSpan(callRecord(t, { database, call }), facts).name, `${operation} db.example:5433`);
  }
});

test("what is prepared is not what is done", (t) => {
  const { name, attributes } = toSpan(callRecord(t, { call: SqlCall.prepare, query }), factsWith());
  assert.equal(name, "PREPARE SELECT users");
  assert.equal(attributes["db.operation.name"], "PREPARE");
  assert.equal(attributes["db.query.summary"], "PREPARE SELECT users");
});

test("an error by its type, _OTHER when the type is not known", (t) => {
  for (const [errorType, expected] of [
    [2, "*github.com/lib/pq.Error"],
    [99, "_OTHER"],
  ] as const) {
    const { status, attributes } = toSpan(callRecord(t, { call, query, errorType }), factsWith(types));
    assert.equal(status.code, SpanStatusCode.ERROR);
    assert.equal(attributes["error.type"], expected);
  }
});

test("a text that says nothing gives the system's name", (t) => {
  assert.equal(toSpan(callRecord(t, { call, query: "" }), factsWith()).name, "other_sql");
});

test("older names beside the stable ones when asked for", (t) => {
  const semconv = { httpDup: false, databaseDup: true, rpcDup: false };
  const { attributes } = toSpan(callRecord(t, { call, query }), factsWith(types, { semconv }));
  assert.equal(attributes["db.system"], "other_sql");
  assert.equal(attributes["db.system.name"], "other_sql");
});
