import {
  DB_SYSTEM_NAME_VALUE_MICROSOFT_SQL_SERVER,
  DB_SYSTEM_NAME_VALUE_MYSQL,
  DB_SYSTEM_NAME_VALUE_POSTGRESQL,
} from "@opentelemetry/semantic-conventions";
import {
  DB_SYSTEM_NAME_VALUE_CLICKHOUSE,
  DB_SYSTEM_NAME_VALUE_FIREBIRDSQL,
  DB_SYSTEM_NAME_VALUE_GCP_SPANNER,
  DB_SYSTEM_NAME_VALUE_IBM_DB2,
  DB_SYSTEM_NAME_VALUE_ORACLE_DB,
  DB_SYSTEM_NAME_VALUE_OTHER_SQL,
  DB_SYSTEM_NAME_VALUE_SAP_HANA,
  DB_SYSTEM_NAME_VALUE_SQLITE,
  DB_SYSTEM_NAME_VALUE_TRINO,
} from "@opentelemetry/semantic-conventions/incubating";

/**
 * Parts of import paths → db.system.name. A driver keeps the last part of its path in new major versions, in forks
 * and in vendor directories. MariaDB has no driver of its own in Go, nor has CockroachDB.
 */
const systems: readonly (readonly [system: string, parts: string])[] = [
  [DB_SYSTEM_NAME_VALUE_POSTGRESQL, "pq pgx pgxv4 pgxv5 pgdriver go-pg postgres"],
  [DB_SYSTEM_NAME_VALUE_MYSQL, "mysql mymysql go-mysql"],
  [DB_SYSTEM_NAME_VALUE_SQLITE, "sqlite sqlite3 go-sqlite go-sqlite3 libsql go-libsql libsql-client-go"],
  [DB_SYSTEM_NAME_VALUE_MICROSOFT_SQL_SERVER, "go-mssqldb mssql sqlserver"],
  [DB_SYSTEM_NAME_VALUE_ORACLE_DB, "godror go-ora goracle go-oci8 ora.v4"],
  [DB_SYSTEM_NAME_VALUE_CLICKHOUSE, "clickhouse-go clickhouse"],
  [DB_SYSTEM_NAME_VALUE_TRINO, "trino-go-client"],
  [DB_SYSTEM_NAME_VALUE_GCP_SPANNER, "go-sql-spanner"],
  [DB_SYSTEM_NAME_VALUE_IBM_DB2, "go_ibm_db"],
  [DB_SYSTEM_NAME_VALUE_SAP_HANA, "go-hdb"],
  [DB_SYSTEM_NAME_VALUE_FIREBIRDSQL, "firebirdsql"],
];
const systemOfPart = new Map(
  systems.flatMap(([system, parts]) => parts.split(" ").map((part) => [part, system])),
);

/**
 * The system that a driver or its connector is for, as db.system.name; "other_sql" for one that is not known, and for
 * wrappers, whose own driver is behind a field.
 * @param typeName full name of its Go type, for example "*github.com/lib/pq.Driver".
 */
export function systemOf(typeName: string): string {
  const name = typeName.replace(/^\**/, "");
  const path = name.slice(0, name.indexOf(".", name.lastIndexOf("/") + 1));
  const parts = [...path.split("/"), name.slice(name.lastIndexOf("/") + 1).replace(/\.[^.]*$/, "")];
  for (const part of parts.reverse()) {
    const system = systemOfPart.get(part.toLowerCase());
    if (system !== undefined) return system;
  }
  return DB_SYSTEM_NAME_VALUE_OTHER_SQL;
}
