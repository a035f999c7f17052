/** Where connectors say where they lead: names of ebpf/libraries/database/sql/database.h. */
import { type FieldSpec, field, type ItabSpec, optional } from "../../descriptor.ts";

/** Fields that only programs with that driver have. */
export const connectorFields = {
  connector_of_dsn_dsn: optional(field("database/sql.dsnConnector.dsn")),
  connector_of_dsn_driver: optional(field("database/sql.dsnConnector.driver")),
  connector_pgx5_driver_name: optional(field("github.com/jackc/pgx/v5/stdlib.driverConnector.name")),
  connector_pgx4_driver_name: optional(field("github.com/jackc/pgx/v4/stdlib.driverConnector.name")),
  connector_pgx5_config: optional(field("github.com/jackc/pgx/v5/stdlib.connector.ConnConfig")),
  pgx5_config: optional(field("github.com/jackc/pgx/v5.ConnConfig.Config")),
  pgx5_config_host: optional(field("github.com/jackc/pgx/v5/pgconn.Config.Host")),
  pgx5_config_port: optional(field("github.com/jackc/pgx/v5/pgconn.Config.Port")),
  pgx5_config_database: optional(field("github.com/jackc/pgx/v5/pgconn.Config.Database")),
  connector_pgx4_config: optional(field("github.com/jackc/pgx/v4/stdlib.connector.ConnConfig")),
  pgx4_config: optional(field("github.com/jackc/pgx/v4.ConnConfig.Config")),
  pgx4_config_host: optional(field("github.com/jackc/pgconn.Config.Host")),
  pgx4_config_port: optional(field("github.com/jackc/pgconn.Config.Port")),
  pgx4_config_database: optional(field("github.com/jackc/pgconn.Config.Database")),
  connector_pq_config: optional(field("github.com/lib/pq.Connector.cfg")),
  pq_config_host: optional(field("github.com/lib/pq.Config.Host")),
  pq_config_port: optional(field("github.com/lib/pq.Config.Port")),
  pq_config_database: optional(field("github.com/lib/pq.Config.Database")),
  connector_mysql_config: optional(field("github.com/go-sql-driver/mysql.connector.cfg")),
  mysql_config_network: optional(field("github.com/go-sql-driver/mysql.Config.Net")),
  mysql_config_address: optional(field("github.com/go-sql-driver/mysql.Config.Addr")),
  mysql_config_database: optional(field("github.com/go-sql-driver/mysql.Config.DBName")),
  connector_mssql_config: optional(field("github.com/microsoft/go-mssqldb.Connector.params")),
  mssql_config_host: optional(field("github.com/microsoft/go-mssqldb/msdsn.Config.Host")),
  mssql_config_port: optional(field("github.com/microsoft/go-mssqldb/msdsn.Config.Port")),
  mssql_config_database: optional(field("github.com/microsoft/go-mssqldb/msdsn.Config.Database")),
} as const satisfies Record<string, FieldSpec>;

type Constant = keyof typeof connectorFields;

function connector(concrete: string, ...needs: readonly Constant[]): ItabSpec {
  return { interface: "database/sql/driver.Connector", concrete, needs };
}

export const connectorItabs = {
  connector_of_dsn: connector("database/sql.dsnConnector", "connector_of_dsn_dsn", "connector_of_dsn_driver"),
  connector_pgx5_driver: connector(
    "*github.com/jackc/pgx/v5/stdlib.driverConnector",
    "connector_pgx5_driver_name",
  ),
  connector_pgx4_driver: connector(
    "*github.com/jackc/pgx/v4/stdlib.driverConnector",
    "connector_pgx4_driver_name",
  ),
  connector_pgx5: connector(
    "github.com/jackc/pgx/v5/stdlib.connector",
    ...(["connector_pgx5_config", "pgx5_config", "pgx5_config_host"] as const),
    ...(["pgx5_config_port", "pgx5_config_database"] as const),
  ),
  connector_pgx4: connector(
    "github.com/jackc/pgx/v4/stdlib.connector",
    ...(["connector_pgx4_config", "pgx4_config", "pgx4_config_host"] as const),
    ...(["pgx4_config_port", "pgx4_config_database"] as const),
  ),
  connector_pq: connector(
    "*github.com/lib/pq.Connector",
    ...(["connector_pq_config", "pq_config_host", "pq_config_port", "pq_config_database"] as const),
  ),
  connector_mysql: connector(
    "*github.com/go-sql-driver/mysql.connector",
    ...(["connector_mysql_config", "mysql_config_network"] as const),
    ...(["mysql_config_address", "mysql_config_database"] as const),
  ),
  connector_mssql: connector(
    "*github.com/microsoft/go-mssqldb.Connector",
    ...(["connector_mssql_config", "mssql_config_host"] as const),
    ...(["mssql_config_port", "mssql_config_database"] as const),
  ),
} as const satisfies Record<string, ItabSpec>;
