// Runs test/libraries/database/sql/cases.yaml with real databases and each driver, and compares whole trees.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import type { Facts } from "./support/cases.ts";
import { databaseFolder, startDatabaseProgram } from "./support/database-program.ts";
import { startMariadb } from "./support/mariadb.ts";
import { startPostgres } from "./support/postgres.ts";
import { freePorts, stopAll } from "./support/process.ts";
import { describeTrees, type TracedProgram } from "./support/tree-run.ts";

interface Build {
  readonly go: string;
  readonly modfile?: string;
}

/** In every run: one driver on the oldest Go. */
const oldest: Build = { go: "1.19.13", modfile: "oldest.mod" };
/** Drivers as they are today, and as they were when Go was older. */
const builds: readonly Build[] =
  process.env.OTEL_GO_AUTO_MATRIX === "1"
    ? [
        { go: "1.27.4" },
        { go: "1.26.8" },
        ...["1.24.13", "1.22.12", "1.21.13", "1.20.14"].map((go) => ({ ...oldest, go })),
        oldest,
      ]
    : [{ go: "1.26.8" }];

interface Database {
  readonly port: number;
  readonly dsn: string;
  stop(): Promise<unknown>;
}

interface Driver {
  /** Package of the program. */
  readonly program: string;
  readonly system: string;
  /** Undefined: the database is a file of the program's own. */
  readonly start: (() => Promise<Database>) | undefined;
  /** The error's type for a statement that the database refuses. */
  readonly refusal: string;
  /** The error's type when nobody listens. */
  readonly unreachableError: string;
  /** The same of oldest.mod's version, where it is another. */
  readonly olderUnreachableError?: string;
  readonly cgo?: boolean;
  /** It is tested as it is today only: oldest.mod hasn't got it. */
  readonly newest?: boolean;
}

const drivers: readonly Driver[] = [
  {
    program: "pq",
    system: "postgresql",
    start: startPostgres,
    refusal: "*github.com/lib/pq.Error",
    unreachableError: "*net.OpError",
  },
  {
    program: "pgx5",
    system: "postgresql",
    start: startPostgres,
    refusal: "*github.com/jackc/pgx/v5/pgconn.PgError",
    unreachableError: "*github.com/jackc/pgx/v5/pgconn.ConnectError",
    olderUnreachableError: "*github.com/jackc/pgx/v5/pgconn.connectError",
  },
  {
    program: "pgx4",
    system: "postgresql",
    start: startPostgres,
    refusal: "*github.com/jackc/pgconn.PgError",
    unreachableError: "*github.com/jackc/pgconn.connectError",
    newest: true,
  },
  {
    program: "mysql",
    system: "mysql",
    start: startMariadb,
    refusal: "*github.com/go-sql-driver/mysql.MySQLError",
    unreachableError: "*net.OpError",
  },
  {
    program: "sqlite3",
    system: "sqlite",
    start: undefined,
    refusal: "github.com/mattn/go-sqlite3.Error",
    unreachableError: "",
    cgo: true,
  },
  {
    program: "sqlite",
    system: "sqlite",
    start: undefined,
    refusal: "*modernc.org/sqlite.Error",
    unreachableError: "",
    newest: true,
  },
];

after(() => stopAll());

for (const driver of drivers)
  for (const build of buildsOf(driver))
    describeTrees({
      title: `database/sql, ${driver.program}, Go ${build.go}`,
      cases: casesOf(driver),
      go: build.go,
      env: { OTEL_GO_AUTO_INCLUDE_DB_STATEMENT: "true" },
      withoutRoutes: build.modfile !== undefined,
      omit: ({ name }) =>
        // Older ones don't tell database/sql that the connection is broken.
        (name.startsWith("a connection") && (driver.program !== "pq" || build.modfile !== undefined)) ||
        (name.includes("refuse") && driver.start === undefined),
      start: () => startProgram(driver, build),
    });

function buildsOf({ program, newest }: Driver): Iterable<Build> {
  if (newest) return builds.filter(({ modfile }) => modfile === undefined);
  return program === "pq" ? new Set([...builds, oldest]) : builds;
}

/** A database that is a file has no server. */
function casesOf({ start }: Driver): string {
  const cases = join(databaseFolder, "cases.yaml");
  if (start) return cases;
  const text = readFileSync(cases, "utf8").replaceAll(/^ *server\.(address|port): \$\{database\w+\}\n/gm, "");
  const path = join(mkdtempSync(join(tmpdir(), "otel-go-auto-cases-")), "cases.yaml");
  writeFileSync(path, text);
  return path;
}

async function startProgram(driver: Driver, build: Build): Promise<TracedProgram> {
  const { program, system, start, refusal, unreachableError, cgo = false } = driver;
  const database = await start?.();
  const [closed = 0] = await freePorts(1);
  const dsn = database?.dsn ?? "file:shop?mode=memory";
  const unreachable = database ? dsn.replace(`:${database.port}`, `:${closed}`) : dsn;
  const server = await startDatabaseProgram({ ...build, program, cgo, dsn, unreachable });
  const facts: Facts = {
    system,
    refusal,
    unreachable: (build.modfile && driver.olderUnreachableError) ?? unreachableError,
    namespace: "shop",
    first: system === "postgresql" ? "$1" : "?",
    second: system === "postgresql" ? "$2" : "?",
    databaseAddress: "127.0.0.1",
    databasePort: database?.port ?? 0,
    closedPort: closed,
  };
  return {
    server,
    facts,
    async stop() {
      await server.stop();
      await database?.stop();
    },
  };
}
