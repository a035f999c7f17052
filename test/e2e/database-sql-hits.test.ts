import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { openGoBinary } from "../../src/binary/index.ts";
import { libraries } from "../../src/generated/registry.ts";
import { addon } from "../../src/kernel/index.ts";
import { planLibraries } from "../../src/plan/plan.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { startAgent } from "./support/agent.ts";
import { databaseFolder, startDatabaseProgram } from "./support/database-program.ts";
import { startLoad } from "./support/load.ts";
import { startPostgres } from "./support/postgres.ts";
import { stopAll } from "./support/process.ts";
import { runsOf } from "./support/program-runs.ts";

after(stopAll);

const requests = 500;
/** Where functions start with their stack check, one that fails is a hit too. */
const grown = 20;
/** A goroutine of database/sql's own rolls each transaction back once more when it is over. */
const again: Readonly<Record<string, number>> = { sql_tx_rollback: requests };

/** What each call costs where it begins and where it ends, by the path of the program's handler. */
const calls: readonly (readonly [path: string, hits: Readonly<Record<string, number>>])[] = [
  ["/query", { sql_db_statement: 1, sql_returned: 1 }],
  ["/ignored", { sql_db_statement: 1, sql_returned: 1 }],
  ["/prepared", { sql_stmt_statement: 1, sql_returned: 1 }],
  ["/ping", { sql_db_ping: 1, sql_returned: 2 }],
  ["/rollback", { sql_db_begin: 1, sql_tx_query: 1, sql_returned: 2, sql_tx_rollback: 1, sql_tx_ended: 1 }],
];
/** Up to Go 1.19 methods look at their attempts themselves. */
const olderCalls: typeof calls = [
  ["/query", { sql_db_statement: 1, sql_attempt_ended: 1 }],
  ["/prepared", { sql_stmt_statement: 1, sql_attempt_succeeded: 1 }],
];

for (const { go, modfile, cases } of [
  { go: "1.26.8", cases: calls },
  { go: "1.19.13", modfile: "oldest.mod", cases: olderCalls },
])
  test(`a call costs two hits: Go ${go}`, async (t) => {
    const statistics = new (addon().RunStats)();
    t.after(() => statistics.close());
    const postgres = await startPostgres();
    t.after(() => postgres.stop());
    const { dsn } = postgres;
    const program = await startDatabaseProgram({
      go,
      ...(modfile === undefined ? {} : { modfile }),
      program: "pq",
      dsn,
      unreachable: dsn,
    });
    t.after(() => program.stop());
    const agent = await startAgent({
      pid: program.running.pid,
      env: { OTEL_TRACES_EXPORTER: "none" },
    });
    t.after(() => agent.running.stop("SIGKILL"));
    for (const [path, hits] of cases) {
      const before = runsOf(agent.running.pid);
      const url = `http://127.0.0.1:${program.ports.h1}${path}`;
      const load = await startLoad({ url, connections: 1, requests });
      assert.equal((await load.result).failed, 0);
      const now = Object.entries(runsOf(agent.running.pid)).filter(([name]) => name.startsWith("sql_"));
      const made = now.map(([name, runs]) => [name, runs - (before[name] ?? 0)] as const);
      for (const [name, runs] of made) {
        const wanted = (hits[name] ?? 0) * requests;
        const most = wanted && wanted + grown + (again[name] ?? 0);
        assert.ok(runs >= wanted && runs <= most, `${path}: ${runs} hits of ${name}`);
      }
    }
  });

test("of all probes only those on the returns of Ping are single-stepped", async () => {
  for (const [go, modfile] of [["1.26.8"], ["1.19.13", "oldest.mod"]]) {
    const flags = ["-ldflags=-s -w", ...(modfile === undefined ? [] : [`-modfile=${modfile}`])];
    const source = join(databaseFolder, "app");
    const binary = openGoBinary(await buildGo({ go: go ?? "", source, package: "./pq", flags }));
    const plans = planLibraries(binary, libraries, { disabled: [], loadBias: 0, offsets: () => [] });
    const plan = plans.find(({ library }) => library.path === "database/sql");
    assert.equal(plan?.status, "attach");
    const sites = plan.programs.flatMap(({ sites }) => sites);
    const stepped = sites.filter(({ instruction }) => !instruction.emulated);
    assert.ok(stepped.every(({ instruction }) => instruction.kind === "ret"));
    assert.deepEqual(
      new Set(stepped.map(({ function: fn }) => fn.name)),
      new Set(["database/sql.(*DB).PingContext", "database/sql.(*Conn).PingContext"]),
    );
    assert.ok(sites.length > stepped.length + 20, `${sites.length} sites`);
    binary.close();
  }
});
