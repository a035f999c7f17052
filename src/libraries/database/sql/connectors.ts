/**
 * Where connectors of drivers keep the place of their database. sql.Open gives a driver that has no OpenConnector
 * (lib/pq, modernc.org/sqlite, mattn/go-sqlite3) database/sql's own connector, which keeps the DSN; the others, and
 * what a program hands to sql.OpenDB, keep what they parsed. Fields were read in the sources of the versions named
 * here, the first and the newest with that layout.
 */

/** Full names of fields, "package.Struct.field". Their offsets are added up. */
type Embedded = readonly string[];

/** From the connector's struct to a value: behind each element but the last, a pointer is followed. */
export type Chain = readonly Embedded[];

export interface ConnectorLayout {
  /** Full name of the struct; the interface holds it by pointer in most drivers, and as a copy behind one in others. */
  readonly type: string;
  /** Versions of the module, or of Go, with that layout. */
  readonly versions: string;
  /** A Go string that `parseDsn` reads. */
  readonly dsn?: Chain;
  /** A Go string: a host, or the path of a Unix socket. */
  readonly host?: Chain;
  /** A Go string of host and port; with `network`, as `mysqlAddress` reads it. */
  readonly address?: Chain;
  /** A Go string: "tcp", "unix". */
  readonly network?: Chain;
  /** An unsigned integer of `portSize` bytes. */
  readonly port?: Chain;
  readonly portSize?: 2 | 8;
  /** A Go string. */
  readonly database?: Chain;
  /** A Go string: the instance of SQL Server, in front of the database in db.namespace. */
  readonly instance?: Chain;
  /** An interface value: the connector behind a wrapper. */
  readonly connector?: Chain;
  /** An interface value: the driver, whose type names the system. */
  readonly driver?: Chain;
}

export const connectors: readonly ConnectorLayout[] = [
  {
    type: "database/sql.dsnConnector",
    versions: "Go 1.10 and later",
    dsn: [["database/sql.dsnConnector.dsn"]],
    driver: [["database/sql.dsnConnector.driver"]],
  },
  {
    type: "github.com/go-sql-driver/mysql.connector",
    versions: "1.5.0 to 1.10.1",
    network: mysqlConfig("Net"),
    address: mysqlConfig("Addr"),
    database: mysqlConfig("DBName"),
  },
  // pgx through sql.Open.
  ...["github.com/jackc/pgx/v4/stdlib", "github.com/jackc/pgx/v5/stdlib"].map((path) => ({
    type: `${path}.driverConnector`,
    versions: "4.9.0 to 4.18.3, 5.0.0 to 5.12.0",
    dsn: [[`${path}.driverConnector.name`]],
  })),
  // pgx through stdlib.OpenDB.
  pgx("github.com/jackc/pgx/v4", "github.com/jackc/pgconn", "4.0.0 to 4.18.3"),
  pgx("github.com/jackc/pgx/v5", "github.com/jackc/pgx/v5/pgconn", "5.0.0 to 5.12.0"),
  // Before 1.11.0 it kept a map of strings, "opts", with the keys host, port and dbname.
  {
    type: "github.com/lib/pq.Connector",
    versions: "1.11.0 to 1.12.3",
    host: [["github.com/lib/pq.Connector.cfg", "github.com/lib/pq.Config.Host"]],
    port: [["github.com/lib/pq.Connector.cfg", "github.com/lib/pq.Config.Port"]],
    portSize: 2,
    database: [["github.com/lib/pq.Connector.cfg", "github.com/lib/pq.Config.Database"]],
  },
  sqlServer("github.com/microsoft/go-mssqldb", "0.15.0 to 1.11.2"),
  sqlServer("github.com/denisenkom/go-mssqldb", "0.12.3"),
  {
    type: "github.com/denisenkom/go-mssqldb.Connector",
    versions: "0.9.0",
    host: olderSqlServer("host"),
    port: olderSqlServer("port"),
    portSize: 8,
    database: olderSqlServer("database"),
    instance: olderSqlServer("instance"),
  },
  {
    type: "modernc.org/sqlite.connector",
    versions: "1.61.1",
    dsn: [["modernc.org/sqlite.connector.dsn"]],
  },
  {
    type: "github.com/ncruces/go-sqlite3/driver.connector",
    versions: "0.36.0",
    dsn: [["github.com/ncruces/go-sqlite3/driver.connector.name"]],
  },
  {
    type: "github.com/sijms/go-ora/v2.OracleConnector",
    versions: "2.8.24",
    dsn: [["github.com/sijms/go-ora/v2.OracleConnector.connectString"]],
  },
  {
    type: "github.com/XSAM/otelsql.otConnector",
    versions: "0.44.0",
    connector: [["github.com/XSAM/otelsql.otConnector.Connector"]],
  },
];

function mysqlConfig(field: string): Chain {
  const path = "github.com/go-sql-driver/mysql";
  return [[`${path}.connector.cfg`], [`${path}.Config.${field}`]];
}

function pgx(path: string, connectionPath: string, versions: string): ConnectorLayout {
  const config = (field: string): Chain => [
    [`${path}/stdlib.connector.ConnConfig`, `${path}.ConnConfig.Config`, `${connectionPath}.Config.${field}`],
  ];
  return {
    type: `${path}/stdlib.connector`,
    versions,
    host: config("Host"),
    port: config("Port"),
    portSize: 2,
    database: config("Database"),
  };
}

function sqlServer(path: string, versions: string): ConnectorLayout {
  const parameter = (field: string): Chain => [[`${path}.Connector.params`, `${path}/msdsn.Config.${field}`]];
  return {
    type: `${path}.Connector`,
    versions,
    host: parameter("Host"),
    port: parameter("Port"),
    portSize: 8,
    database: parameter("Database"),
    instance: parameter("Instance"),
  };
}

function olderSqlServer(field: string): Chain {
  const path = "github.com/denisenkom/go-mssqldb";
  return [[`${path}.Connector.params`, `${path}.connectParams.${field}`]];
}
