// Texts and data source names of SQL, which a target's own users may write.
import { parseDsn } from "../../../src/libraries/database/sql/dsn.ts";
import { describeStatement } from "../../../src/libraries/database/sql/statement.ts";
import { bufferSubject, type Target } from "../support/target.ts";

const systems = ["postgresql", "mysql", "sqlite", "microsoft.sql_server", "oracle.db", "other_sql"];

const statements = [
  `SELECT a, 'b''c', E'd\\'e', $$f$$ FROM "s"."t" t JOIN [u] ON t.a = u.b WHERE c = $1 AND d IN (1, 2.5e-3, 0xff) -- x`,
  `WITH x (a) AS (SELECT * FROM y), z AS (DELETE FROM q RETURNING *) INSERT INTO t SELECT * FROM x /* x /* y */ */`,
  `INSERT IGNORE INTO \`t\` VALUES (?, "a\\"b", N'c', q'[d]', :1, @p1) ON DUPLICATE KEY UPDATE a = 2 # x`,
  `CREATE UNIQUE INDEX IF NOT EXISTS i ON t (a); EXEC @r = p 'x'; TRUNCATE TABLE a, b; EXPLAIN (ANALYZE) SELECT 1`,
  `(${"(".repeat(200)}SELECT ${"delete (".repeat(100)}`,
  `SELECT ${"1.1e".repeat(500)}`,
  `SELECT ${"'a\\'' ".repeat(300)}`,
  `SELECT ${"$a$b$ ".repeat(300)}${"/*".repeat(300)}${"- ".repeat(300)}`,
];
const names = [
  "postgres://user:word@one.example:5432,two.example/shop?host=/run/pg&port=6&dbname=x",
  "host='a b' port=5432,6 user=u password='it\\'s' dbname = shop",
  "user:word@tcp([::1]:3306)/shop?parseTime=true",
  "file:data/shop.db?_pragma=x",
  "odbc:server=tcp:host\\instance,1433;pwd={a;b}};c};database=shop",
  'user="u" password="p" connectString="host:1521/service"',
];

export const target: Target = {
  name: "sql",
  // Nothing may be thrown.
  isRefusal: () => false,
  subjects: () => [
    ...statements.map((text) =>
      bufferSubject(Buffer.from(text), (bytes, random) => {
        const truncated = random(2) === 0;
        for (const system of systems) describeStatement(bytes.toString("utf8"), { system, truncated });
      }),
    ),
    ...names.map((text) =>
      bufferSubject(Buffer.from(text), (bytes, random) => {
        const truncated = random(2) === 0;
        for (const system of systems) parseDsn(system, bytes.toString("utf8"), truncated);
      }),
    ),
  ],
};
