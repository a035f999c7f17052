import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { describeStatement, type Statement } from "../../../../src/libraries/database/sql/statement.ts";

interface Case {
  readonly system?: string;
  readonly cut?: boolean;
  readonly sql: string;
  readonly is: Statement;
}

const postgresql = "postgresql";
const mysql = "mysql";
const sqlite = "sqlite";
const sqlServer = "microsoft.sql_server";
const oracle = "oracle.db";

function run(title: string, cases: readonly Case[]): void {
  describe(title, () => {
    for (const { system = postgresql, cut = false, sql, is } of cases)
      test(`${system}: ${sql}`, () => {
        const actual: Record<string, unknown> = { ...describeStatement(sql, { system, truncated: cut }) };
        // A case names what it is about.
        for (const key of Object.keys(actual)) if (!(key in is)) delete actual[key];
        assert.deepEqual(actual, is);
      });
  });
}

run("operation, collection and summary", [
  {
    sql: "SELECT * FROM wuser_table WHERE username = $1",
    is: { operation: "SELECT", collection: "wuser_table", summary: "SELECT wuser_table" },
  },
  {
    sql: "INSERT INTO shipping_details (order_id) SELECT order_id FROM orders WHERE order_id = $1",
    is: { operation: "INSERT", summary: "INSERT shipping_details SELECT orders" },
  },
  { sql: "SELECT * FROM songs s, artists a", is: { summary: "SELECT songs artists" } },
  {
    sql: "SELECT a FROM (SELECT * FROM orders o LEFT JOIN customers c USING (id)) x",
    is: { operation: "SELECT", summary: "SELECT SELECT orders customers" },
  },
  {
    sql: "with recent as (select * from orders), q(a, b) as (select 1, 2) select * from recent join q on true",
    is: { operation: "select", collection: "orders", summary: "select orders select select" },
  },
  {
    sql: "WITH gone AS (DELETE FROM queue RETURNING *) INSERT INTO done SELECT * FROM gone",
    is: { operation: "DELETE", summary: "DELETE queue INSERT done SELECT" },
  },
  { sql: "(SELECT a FROM t1) UNION ALL (SELECT a FROM t2)", is: { summary: "SELECT t1 SELECT t2" } },
  {
    sql: 'UPDATE ONLY "public"."users" u SET a = 1',
    is: { collection: "public.users", summary: "UPDATE public.users" },
  },
  {
    sql: "SELECT 1 FROM t WHERE EXTRACT(DAY FROM d) = 1 AND a IS DISTINCT FROM b FOR UPDATE",
    is: { collection: "t" },
  },
  { sql: "SELECT * FROM generate_series(1, 9) g", is: { operation: "SELECT", summary: "SELECT" } },
  { sql: "INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET a = 2", is: { summary: "INSERT t" } },
  {
    system: mysql,
    sql: "INSERT IGNORE INTO `t` SET a = 1 ON DUPLICATE KEY UPDATE a = 2",
    is: { summary: "INSERT t" },
  },
  { system: mysql, sql: "REPLACE INTO t VALUES (?)", is: { operation: "REPLACE", collection: "t" } },
  {
    system: sqlite,
    sql: "INSERT OR REPLACE INTO kv VALUES (?1)",
    is: { operation: "INSERT", collection: "kv" },
  },
  {
    sql: "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET x = 1 WHEN NOT MATCHED THEN INSERT VALUES (1)",
    is: { operation: "MERGE", summary: "MERGE t s" },
  },
  { system: mysql, sql: "DELETE t1 FROM t1 JOIN t2 ON t1.a = t2.a", is: { summary: "DELETE t1 t2" } },
  { system: sqlServer, sql: "DELETE TOP (5) users WHERE a = 1", is: { summary: "DELETE users" } },
  {
    system: sqlServer,
    sql: "SELECT TOP (10) * FROM [db].[dbo].[My Table] WITH (NOLOCK) WHERE a = @p1",
    is: { collection: "db.dbo.My Table", summary: "SELECT db.dbo.My Table" },
  },
  { sql: "TRUNCATE TABLE a, b", is: { operation: "TRUNCATE", summary: "TRUNCATE a b" } },
  {
    sql: "CREATE TABLE IF NOT EXISTS t (id int REFERENCES u (id) ON DELETE CASCADE)",
    is: { operation: "CREATE TABLE", collection: "t" },
  },
  {
    sql: "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)",
    is: { operation: "CREATE INDEX", collection: "t", summary: "CREATE INDEX i" },
  },
  { sql: "ALTER TABLE t ADD COLUMN a int DEFAULT 5", is: { summary: "ALTER TABLE t" } },
  { sql: "DROP TABLE IF EXISTS a, b", is: { summary: "DROP TABLE a b" } },
  { system: mysql, sql: "CREATE USER alice IDENTIFIED BY 'hidden'", is: { summary: "CREATE USER" } },
  { system: mysql, sql: "CALL p(?)", is: { operation: "CALL", procedure: "p", summary: "CALL p" } },
  { system: sqlServer, sql: "EXEC @rc = dbo.p @p1", is: { procedure: "dbo.p", summary: "EXEC dbo.p" } },
  { sql: "COPY t (a) FROM STDIN", is: { summary: "COPY t" } },
  {
    sql: "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM t",
    is: { operation: "EXPLAIN", summary: "EXPLAIN SELECT t" },
  },
  { sql: "SET search_path TO hidden", is: { operation: "SET", summary: "SET" } },
  {
    sql: "BEGIN; SELECT 1; INSERT INTO t VALUES (1);;",
    is: { operation: "BEGIN", summary: "BEGIN; SELECT; INSERT t" },
  },
  { sql: "/* a */ -- b\n SELECT 1 FROM t -- c", is: { summary: "SELECT t", text: "SELECT ? FROM t" } },
  { sql: "frobnicate t", is: { text: "frobnicate t" } },
  { sql: "", is: { text: "" } },
]);

run("literals", [
  {
    sql: "SELECT 'a''b', E'c\\'d', $$e$$, $x$ f $$ $x$, -5, 1.5e3, 0xff, 1_000, B'01' FROM t",
    is: { text: "SELECT ?, ?, ?, ?, -?, ?, ?, ?, B? FROM t" },
  },
  {
    sql: "SELECT a::text, b->>'k', c[1:2], $1, x - 1 FROM t",
    is: { text: "SELECT a::text, b->>?, c[?:?], $1, x -? FROM t" },
  },
  { sql: 'SELECT "Name" FROM t', is: { text: 'SELECT "Name" FROM t' } },
  { sql: "SELECT 1 /* /* nested */ 'x' */ + 2", is: { text: "SELECT ?  + ?" } },
  { system: mysql, sql: "SELECT \"it's\", `a` FROM t # it's", is: { text: "SELECT ?, `a` FROM t" } },
  { system: mysql, sql: "SELECT 5--'hidden'", is: { text: "SELECT ?--?" } },
  {
    system: sqlite,
    sql: 'SELECT "hidden", "t"."a" FROM "t" WHERE a IS DISTINCT FROM "hidden"',
    is: { text: 'SELECT ?, "t"."a" FROM "t" WHERE a IS DISTINCT FROM ?', collection: "t" },
  },
  {
    system: sqlServer,
    sql: "SELECT N'x', [a] FROM [t] WHERE b = @p1",
    is: { text: "SELECT N?, [a] FROM [t] WHERE b = @p1" },
  },
  {
    system: oracle,
    sql: "SELECT nq'[it's]', q'!it's!' FROM t WHERE a = :1",
    is: { text: "SELECT ?, ? FROM t WHERE a = :1" },
  },
]);

run("double quotes of systems that have no dialect here", [
  {
    system: "clickhouse",
    sql: 'SELECT "a", "t"."b" FROM "d"."t"',
    is: { collection: "d.t", text: 'SELECT ?, "t"."b" FROM "d"."t"' },
  },
  {
    system: "gcp.spanner",
    sql: 'SELECT a FROM t WHERE b = "hidd\\"en"',
    is: { text: "SELECT a FROM t WHERE b = ?" },
  },
]);

run("what the kernel cut off", [
  {
    cut: true,
    sql: "SELECT * FROM users WHERE a = 'hid",
    is: { collection: "users", text: "SELECT * FROM users WHERE a = ?" },
  },
  { cut: true, sql: "SELECT * FROM use", is: { operation: "SELECT", summary: "SELECT" } },
  { cut: true, sql: "SELECT $tag$ hidden $", is: { text: "SELECT ?" } },
  { cut: true, sql: "SELECT E'hid\\' hidden", is: { text: "SELECT ?" } },
  { cut: true, sql: "SELECT 1 /* hidden", is: { text: "SELECT ? ?" } },
  {
    cut: true,
    sql: 'SELECT a FROM "hidd',
    is: { operation: "SELECT", summary: "SELECT", text: "SELECT a FROM ?" },
  },
  { cut: true, sql: "SELECT a FROM t WHERE b = c\uFFFD", is: { text: "SELECT a FROM t WHERE b = c" } },
]);

/** Another mode of the server would show what this one hides. */
run("what is not certain", [
  { sql: "SELECT 'a\\', hidden, ' FROM t", is: { text: "SELECT ? ? ?" } },
  {
    system: mysql,
    sql: "SELECT 'a\\', 'hidden' FROM t",
    is: { operation: "SELECT", summary: "SELECT", text: "SELECT ?" },
  },
  { system: mysql, sql: "SELECT /*! 'hidden' */ a FROM t", is: { operation: "SELECT", summary: "SELECT" } },
  {
    system: "other_sql",
    sql: "SELECT '''it's hidden''' FROM t",
    is: { operation: "SELECT", summary: "SELECT" },
  },
  {
    system: "clickhouse",
    sql: "SELECT `a`, 'b' FROM d.t",
    is: { summary: "SELECT d.t", text: "SELECT `a`, ? FROM d.t" },
  },
  { sql: "SELECT \u0000 hidden FROM t", is: { operation: "SELECT", summary: "SELECT" } },
  { sql: "hidden\u0000", is: {} },
]);

test("a text that is not understood has no text", () => {
  assert.equal(
    "text" in describeStatement("SELECT `hidden` FROM t", { system: postgresql, truncated: false }),
    false,
  );
});

test("summaries end in front of a name that would make them longer than 255 characters", () => {
  const tables = Array.from({ length: 100 }, (_, i) => `table_${i}`);
  const { summary = "" } = describeStatement(`SELECT * FROM ${tables.join(", ")}`, {
    system: postgresql,
    truncated: false,
  });
  assert.ok(summary.length <= 255 && summary.length > 240, `${summary.length}`);
  assert.match(summary, /table_\d+$/);
});

test("a statement is read once, and again after many others", () => {
  const options = { system: postgresql, truncated: false };
  const first = describeStatement("SELECT 0", options);
  assert.equal(describeStatement("SELECT 0", options), first);
  for (let i = 1; i <= 600; i++) describeStatement(`SELECT ${i}`, options);
  const again = describeStatement("SELECT 0", options);
  assert.notEqual(again, first);
  assert.deepEqual(again, first);
});
