import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { databaseAt, databasesOf } from "../../../../src/libraries/database/sql/databases.ts";
import type { SpanFacts } from "../../../../src/libraries/descriptor.ts";
import { factsWith } from "../../support/records.ts";
import { tell } from "./support/records.ts";

const address = 0xc000012340;
const types = {
  1: "database/sql.dsnConnector",
  2: "*github.com/lib/pq.Driver",
  3: "*github.com/go-sql-driver/mysql.connector",
  4: "*github.com/microsoft/go-mssqldb.Connector",
};

function told(t: TestContext, values: Parameters<typeof tell>[2]) {
  const facts: SpanFacts = factsWith(types);
  tell(t, facts, { database: address, ...values });
  const { system, namespace, address: host, port } = databaseAt(facts, address);
  return [system, namespace, host, port];
}

test("a DSN is read as the driver behind database/sql's connector does", (t) => {
  const dsn = "postgres://u:p@db.example:5433/shop";
  assert.deepEqual(told(t, { connectorType: 1, driverType: 2, dsn }), [
    ...["postgresql", "shop", "db.example", 5433],
  ]);
});

test("the configuration of MySQL's driver has a network and an address", (t) => {
  const place = { network: "tcp", host: "db.example:3307", name: "shop" };
  assert.deepEqual(told(t, { connectorType: 3, ...place }), ["mysql", "shop", "db.example", 3307]);
});

test("SQL Server's instance stands in front of the database", (t) => {
  const place = { host: "db.example", port: 1434, instance: "sales", name: "shop" };
  const system = "microsoft.sql_server";
  assert.deepEqual(told(t, { connectorType: 4, ...place }), [system, "sales|shop", "db.example", 1434]);
  const without = { ...place, instance: "" };
  assert.deepEqual(told(t, { connectorType: 4, ...without }), [system, "shop", "db.example", 1434]);
});

test("what is not known is some SQL database without a place", () => {
  assert.equal(databaseAt(factsWith(), 1).system, "other_sql");
});

test("the databases of a target are its own, and no more are kept than a program has", (t) => {
  const [one, other] = [factsWith(types), factsWith(types)];
  for (let database = 1; database <= 256; database++) tell(t, one, { database });
  assert.equal(databasesOf(one).size, 256);
  assert.equal(databasesOf(other).size, 0);
  tell(t, one, { database: 1 });
  assert.equal(databasesOf(one).size, 256);
  tell(t, one, { database: 257 });
  assert.equal(databasesOf(one).size, 1);
});
