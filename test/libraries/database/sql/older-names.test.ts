import assert from "node:assert/strict";
import test from "node:test";
import { olderNames } from "../../../../src/libraries/database/sql/older-names.ts";

test("attributes under the names that they had before", () => {
  assert.deepEqual(
    olderNames({
      "db.system.name": "postgresql",
      "db.namespace": "shop",
      "db.operation.name": "SELECT",
      "db.collection.name": "users",
      "db.query.summary": "SELECT users",
      "db.query.text": "SELECT ?",
      "server.address": "db.example",
      "error.type": "*errors.errorString",
    }),
    {
      "db.system": "postgresql",
      "db.name": "shop",
      "db.operation": "SELECT",
      "db.sql.table": "users",
      "db.statement": "SELECT ?",
    },
  );
});

test("systems that had another spelling", () => {
  assert.deepEqual(olderNames({ "db.system.name": "microsoft.sql_server" }), { "db.system": "mssql" });
  assert.deepEqual(olderNames({ "db.system.name": "oracle.db" }), { "db.system": "oracle" });
});
