import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type DataSource, parseDsn } from "../../../../src/libraries/database/sql/dsn.ts";
import { randomNumbers } from "../../../fuzz/support/random.ts";

const sqlServer = "microsoft.sql_server";

const cases: readonly (readonly [system: string, dsn: string, expected: DataSource])[] = [
  [
    "postgresql",
    "postgres://u:p%40w@db.example:5433/shop?sslmode=disable",
    { address: "db.example", port: 5433, namespace: "shop" },
  ],
  [
    "postgresql",
    "postgresql://u:pw@one.example,two.example:2/my%20shop",
    { address: "one.example", port: 5432, namespace: "my shop" },
  ],
  ["postgresql", "postgres:///shop?host=/run/postgresql", { address: "/run/postgresql", namespace: "shop" }],
  [
    "postgresql",
    "postgres://u:pw@[fe80::1]:5432/shop",
    { address: "fe80::1", port: 5432, namespace: "shop" },
  ],
  ["postgresql", "postgres://u:pa/ss@db.example/shop", {}],
  [
    "postgresql",
    "host=one,two port=1,2 user=u password='it\\'s host=other' dbname='my shop'",
    { address: "one", port: 1, namespace: "my shop" },
  ],
  ["postgresql", "host = /run/postgresql dbname=shop", { address: "/run/postgresql", namespace: "shop" }],
  ["postgresql", "user=u password=p dbname=shop", { namespace: "shop" }],
  ["postgresql", "registeredConnConfig0", {}],
  [
    "mysql",
    "u:p@ss/w@tcp(db.example:3307)/shop?parseTime=true",
    { address: "db.example", port: 3307, namespace: "shop" },
  ],
  ["mysql", "u:p@tcp([de::1]:33)/", { address: "de::1", port: 33 }],
  ["mysql", "u:p@unix(/run/mysqld.sock)/shop", { address: "/run/mysqld.sock", namespace: "shop" }],
  ["mysql", "u:p@/shop", { address: "127.0.0.1", port: 3306, namespace: "shop" }],
  ["mysql", "u:p@tcp(db.example:3306)/shop?loc=a/b", {}],
  ["sqlite", ":memory:", { namespace: ":memory:" }],
  ["sqlite", "file::memory:?cache=shared", { namespace: ":memory:" }],
  ["sqlite", "file:/home/someone/shop.db?_auth_user=u&_auth_pass=p", { namespace: "shop.db" }],
  ["sqlite", "libsql://shop.example?authToken=p", { address: "shop.example" }],
  [
    sqlServer,
    "sqlserver://u:p@db.example:1434/instance?database=shop",
    { address: "db.example", port: 1434, namespace: "instance|shop" },
  ],
  [
    sqlServer,
    'Server=tcp:db.example\\instance,1435;User Id=u;Password="a;database=other";Database=shop',
    { address: "db.example", port: 1435, namespace: "instance|shop" },
  ],
  [
    sqlServer,
    "odbc:server=db.example;pwd={a;server=other}};x};database=shop",
    { address: "db.example", port: 1433, namespace: "shop" },
  ],
  [sqlServer, "server=.;initial catalog=shop", { address: "localhost", port: 1433, namespace: "shop" }],
  [
    "oracle.db",
    "oracle://u:p@db.example/service",
    { address: "db.example", port: 1521, namespace: "service" },
  ],
  ["oracle.db", "u/p@//db.example:1522/service", { address: "db.example", port: 1522, namespace: "service" }],
  [
    "oracle.db",
    'user="u" password="p" connectString="db.example:1522/service"',
    { address: "db.example", port: 1522, namespace: "service" },
  ],
  ["oracle.db", "u/p@alias", {}],
  [
    "clickhouse",
    "clickhouse://u:p@one.example:9000,two.example/shop",
    { address: "one.example", port: 9000, namespace: "shop" },
  ],
  ["constructor", "x://db.example/shop", { address: "db.example", namespace: "shop" }],
];

describe("data source names", () => {
  for (const [system, dsn, expected] of cases)
    test(`${system}: ${dsn}`, () => assert.deepEqual(parseDsn(system, dsn), expected));
});

test("the last part of one that was cut off is left out", () => {
  const cut = (system: string, dsn: string) => parseDsn(system, dsn, true);
  assert.deepEqual(cut("postgresql", "postgres://someone:12345"), {});
  assert.deepEqual(cut("postgresql", "postgres://u:p@db.example:5432/sho"), {
    address: "db.example",
    port: 5432,
  });
  assert.deepEqual(cut("postgresql", "host=db.example dbname=sho"), { address: "db.example", port: 5432 });
  assert.deepEqual(cut("postgresql", "host=db.example password='a dbname=b"), {
    address: "db.example",
    port: 5432,
  });
  assert.deepEqual(cut("mysql", "u:p@tcp(db.example)/shop"), {});
  assert.deepEqual(cut("sqlite", "/data/sho"), {});
  assert.deepEqual(cut("sqlite", "/data/shop.db?x"), { namespace: "shop.db" });
  assert.deepEqual(cut(sqlServer, "server=db.example;database=sho"), { address: "db.example", port: 1433 });
  assert.deepEqual(cut("oracle.db", "u/p@db.example:15"), {});
});

test("users and passwords never come out, wherever the text was cut", () => {
  for (const [system, dsn] of withSecrets)
    for (let length = 0; length <= dsn.length; length++) {
      const shown = JSON.stringify(parseDsn(system, dsn.slice(0, length), length < dsn.length));
      assert.doesNotMatch(shown, /zqx/, `${system}: ${dsn.slice(0, length)}`);
    }
});

test("control characters and endless names are nobody's", () => {
  assert.deepEqual(parseDsn("postgresql", "host=a\u0007b dbname=c\u001b[2J"), {});
  assert.deepEqual(parseDsn("postgresql", `dbname=${"a".repeat(300)}`), {});
  assert.deepEqual(parseDsn("postgresql", `host=a port=99999 ${"x".repeat(5000)}`), { address: "a" });
});

test("any characters at all make no error", () => {
  for (let i = 0; i < 20_000; i++) {
    const random = randomNumbers(3, i);
    const text = Array.from(
      { length: random(40) },
      () => "ab/:@=?&;,'\"\\{}()[]% \0é\ud800"[random(25)],
    ).join("");
    for (const system of ["postgresql", "mysql", "sqlite", sqlServer, "oracle.db", "x"])
      parseDsn(system, text, random(2) === 0);
  }
});

const withSecrets = [
  ["postgresql", "postgres://zqxu:zqx%40p@db.example:5433/shop?user=zqxu&password=zqxp"],
  ["postgresql", "user=zqxu password='zqx\\' host=zqx dbname=zqx' host=db.example"],
  ["mysql", "zqxu:zqx/p@zqx(zqx)/zqx@tcp(db.example:3306)/shop"],
  ["sqlite", "file:shop.db?_auth_user=zqx&_auth_pass=zqx/zqx"],
  [sqlServer, "sqlserver://zqxu:zqxp@db.example?database=shop&password=zqx"],
  [sqlServer, 'server=db.example;user id=zqxu;password="zqx;database=zqx;server=zqx";database=shop'],
  [sqlServer, "odbc:uid=zqxu;pwd={zqx;database=zqx}};server=zqx};server=db.example"],
  ["oracle.db", "oracle://zqxu:zqxp@db.example/service"],
  ["oracle.db", "zqxu/zqxp@db.example:1521/service"],
  ["clickhouse", "clickhouse://zqxu:zqxp@db.example:9000/shop?password=zqx"],
] as const;
