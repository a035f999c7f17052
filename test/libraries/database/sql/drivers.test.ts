import assert from "node:assert/strict";
import test from "node:test";
import { connectors } from "../../../../src/libraries/database/sql/connectors.ts";
import { systemOf } from "../../../../src/libraries/database/sql/drivers.ts";

test("the system of each driver and connector", () => {
  const systems: Record<string, readonly string[]> = {
    postgresql: [
      "*github.com/lib/pq.Driver",
      "*github.com/lib/pq.Connector",
      "*github.com/jackc/pgx/v4/stdlib.Driver",
      "github.com/jackc/pgx/v5/stdlib.connector",
      "*github.com/jackc/pgx/v5/stdlib.driverConnector",
      "*shop/vendor/github.com/acme/pq.Driver",
    ],
    mysql: ["*github.com/go-sql-driver/mysql.MySQLDriver", "*github.com/go-sql-driver/mysql.connector"],
    sqlite: [
      "*modernc.org/sqlite.Driver",
      "*github.com/mattn/go-sqlite3.SQLiteDriver",
      "*github.com/ncruces/go-sqlite3/driver.SQLite",
      "*github.com/glebarez/go-sqlite.Driver",
    ],
    "microsoft.sql_server": [
      "*github.com/microsoft/go-mssqldb.Connector",
      "*github.com/denisenkom/go-mssqldb.Driver",
      "*github.com/microsoft/go-mssqldb/azuread.Driver",
    ],
    "oracle.db": [
      "*github.com/godror/godror.drv",
      "*github.com/sijms/go-ora/v2.OracleDriver",
      "*gopkg.in/rana/ora.v4.Drv",
    ],
    clickhouse: [
      "*github.com/ClickHouse/clickhouse-go/v2.stdDriver",
      "*github.com/ClickHouse/clickhouse-go.bootstrap",
    ],
    other_sql: [
      "database/sql.dsnConnector",
      "*github.com/XSAM/otelsql.otDriver",
      "*github.com/snowflakedb/gosnowflake.SnowflakeDriver",
      "main.driver",
      "",
      "*",
      "/./.",
    ],
  };
  for (const [system, types] of Object.entries(systems))
    for (const type of types) assert.equal(systemOf(type), system, type);
});

test("connectors' fields begin in the connector's struct", () => {
  for (const { type, versions, fields } of Object.values(connectors)) {
    assert.ok(versions);
    const [first] = Object.values(fields);
    assert.ok(first?.startsWith(`${type.replace("*", "")}.`), `${type}: ${first}`);
  }
});
