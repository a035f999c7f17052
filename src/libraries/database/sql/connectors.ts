/**
 * Where connectors say where they lead: names of ebpf/libraries/database/sql/connectors.h. sql.Open gives a driver that
 * has no OpenConnector (lib/pq, go-mssqldb, mattn/go-sqlite3, modernc.org/sqlite before 1.61) database/sql's own
 * connector, which keeps the DSN; the others, and what a program hands to sql.OpenDB, keep what they parsed. Fields were
 * read in the sources of the versions named here, the first and the newest with that layout.
 */
import { type FieldSpec, field, type ItabSpec, optional } from "../../descriptor.ts";

interface Layout {
  /** As the interface holds it: with a "*", or as a copy behind a pointer. */
  readonly type: string;
  /** Versions of the module, or of Go. */
  readonly versions: string;
  /** Last part of a constant's name → full name of the field. None of them can be done without. */
  readonly fields: Readonly<Record<string, string>>;
}

/** First part of the constants' names → layout. */
export const connectors: Readonly<Record<string, Layout>> = {
  connector_go: {
    type: "database/sql.dsnConnector",
    versions: "Go 1.10 and later",
    fields: { dsn: "database/sql.dsnConnector.dsn", driver: "database/sql.dsnConnector.driver" },
  },
  // pgx through sql.Open.
  connector_pgx4_text: withText("github.com/jackc/pgx/v4/stdlib.driverConnector", "name", "4.9.0 to 4.18.3"),
  connector_pgx5_text: withText("github.com/jackc/pgx/v5/stdlib.driverConnector", "name", "5.0.0 to 5.12.0"),
  connector_modernc: withText("modernc.org/sqlite.connector", "dsn", "1.61.1"),
  connector_ncruces: withText("github.com/ncruces/go-sqlite3/driver.connector", "name", "0.36.0"),
  connector_oracle: withText("github.com/sijms/go-ora/v2.OracleConnector", "connectString", "2.8.24"),
  // pgx through stdlib.OpenDB.
  connector_pgx4: pgx("github.com/jackc/pgx/v4", "github.com/jackc/pgconn", "4.0.0 to 4.18.3"),
  connector_pgx5: pgx("github.com/jackc/pgx/v5", "github.com/jackc/pgx/v5/pgconn", "5.0.0 to 5.12.0"),
  // Before 1.11.0 it kept a map of strings, "opts", with the keys host, port and dbname.
  connector_pq: {
    type: "*github.com/lib/pq.Connector",
    versions: "1.11.0 to 1.12.3",
    fields: {
      config: "github.com/lib/pq.Connector.cfg",
      host: "github.com/lib/pq.Config.Host",
      port: "github.com/lib/pq.Config.Port",
      name: "github.com/lib/pq.Config.Database",
    },
  },
  connector_mysql: {
    type: "*github.com/go-sql-driver/mysql.connector",
    versions: "1.5.0 to 1.10.1",
    fields: {
      config: "github.com/go-sql-driver/mysql.connector.cfg",
      network: "github.com/go-sql-driver/mysql.Config.Net",
      host: "github.com/go-sql-driver/mysql.Config.Addr",
      name: "github.com/go-sql-driver/mysql.Config.DBName",
    },
  },
  connector_mssql: sqlServer("github.com/microsoft/go-mssqldb", "0.15.0 to 1.11.2"),
  // The same driver under the name that it had first.
  connector_mssql_first: sqlServer("github.com/denisenkom/go-mssqldb", "0.12.3"),
  // Around another one.
  connector_otelsql: {
    type: "*github.com/XSAM/otelsql.otConnector",
    versions: "0.44.0",
    fields: { inner: "github.com/XSAM/otelsql.otConnector.Connector" },
  },
};

function withText(type: string, name: string, versions: string): Layout {
  return { type: `*${type}`, versions, fields: { dsn: `${type}.${name}` } };
}

function pgx(path: string, connection: string, versions: string): Layout {
  return {
    type: `${path}/stdlib.connector`,
    versions,
    fields: {
      config: `${path}/stdlib.connector.ConnConfig`,
      part: `${path}.ConnConfig.Config`,
      host: `${connection}.Config.Host`,
      port: `${connection}.Config.Port`,
      name: `${connection}.Config.Database`,
    },
  };
}

function sqlServer(path: string, versions: string): Layout {
  return {
    type: `*${path}.Connector`,
    versions,
    fields: {
      config: `${path}.Connector.params`,
      host: `${path}/msdsn.Config.Host`,
      port: `${path}/msdsn.Config.Port`,
      instance: `${path}/msdsn.Config.Instance`,
      name: `${path}/msdsn.Config.Database`,
    },
  };
}

const constants = Object.entries(connectors).map(([connector, layout]) => ({
  connector,
  layout,
  fields: Object.entries(layout.fields).map(([part, name]) => [`${connector}_${part}`, name] as const),
}));

/** Only programs with that driver have them. */
export const connectorFields: Readonly<Record<string, FieldSpec>> = Object.fromEntries(
  constants.flatMap(({ fields }) => fields.map(([constant, name]) => [constant, optional(field(name))])),
);

export const connectorItabs: Readonly<Record<string, ItabSpec>> = Object.fromEntries(
  constants.map(({ connector, layout, fields }) => [
    connector,
    {
      interface: "database/sql/driver.Connector",
      concrete: layout.type,
      needs: fields.map(([constant]) => constant),
    },
  ]),
);
