/** What each sql.DB of a target is connected to, and the state of its pool, as its programs tell it. */
import { SqlDatabaseRecord } from "../../../generated/libraries/database/sql.ts";
import type { RecordBytes, SpanFacts } from "../../descriptor.ts";
import { systemOf } from "./drivers.ts";
import { type DataSource, dataSource, mysqlAddress, parseDsn } from "./dsn.ts";

export interface Database {
  /** db.system.name */
  readonly system: string;
  readonly namespace: string | undefined;
  readonly address: string | undefined;
  readonly port: number | undefined;
  readonly pool: Pool;
  /** Of performance.now(). */
  readonly toldAt: number;
}

type Place = Omit<Database, "pool" | "toldAt">;

/** Connections of a sql.DB. Undefined: no limit, or not known. */
export interface Pool {
  readonly open: number;
  readonly idle: number;
  readonly maxOpen: number | undefined;
  readonly maxIdle: number;
  readonly waiting: number | undefined;
}

/** As many as the programs keep: database.h, sql_databases. */
const maxDatabases = 256;

/** Go's own limit where the program has set none: database/sql, defaultMaxIdleConns. */
const defaultMaxIdle = 2;

const unknown = { system: "other_sql", namespace: undefined, address: undefined, port: undefined } as const;

const record = new SqlDatabaseRecord();
const targets = new WeakMap<SpanFacts, Map<number, Database>>();

/** Those of one target by the address of the sql.DB. */
export function databasesOf(facts: SpanFacts): ReadonlyMap<number, Database> {
  return ofTarget(facts);
}

/** What is known of the sql.DB at an address, if only that it is one. */
export function databaseAt(facts: SpanFacts, address: number): Place {
  return ofTarget(facts).get(address) ?? unknown;
}

/** Takes a record of ebpf/libraries/database/sql/database.h. */
export function learnDatabase(bytes: RecordBytes, facts: SpanFacts): void {
  record.load(bytes);
  const databases = ofTarget(facts);
  if (databases.size >= maxDatabases && !databases.has(record.database)) databases.clear();
  databases.set(record.database, { ...whereTo(facts), pool: poolState(), toldAt: performance.now() });
}

function ofTarget(facts: SpanFacts): Map<number, Database> {
  const databases = targets.get(facts) ?? new Map<number, Database>();
  targets.set(facts, databases);
  return databases;
}

function whereTo(facts: SpanFacts): Place {
  const type = record.driverType || record.connectorType;
  const system = systemOf(facts.typeName(type) ?? "");
  return { system, namespace: undefined, address: undefined, port: undefined, ...placeOf(system) };
}

function placeOf(system: string): DataSource {
  const { dsn, dsnCut, network, host, port, instance, name } = record;
  if (dsn) return parseDsn(system, dsn, dsnCut !== 0);
  // The configuration of go-sql-driver/mysql, which alone has a network.
  const server = network ? mysqlAddress(network, host) : { address: host || undefined, port };
  const namespace = [instance, name].filter(Boolean).join("|");
  return dataSource(server.address, server.port, namespace, undefined);
}

function poolState(): Pool {
  const { open, idle, maxOpen, maxIdle, waiting } = record;
  return {
    open,
    idle,
    maxOpen: maxOpen > 0 ? maxOpen : undefined,
    maxIdle: maxIdle === 0 ? defaultMaxIdle : Math.max(maxIdle, 0),
    waiting: waiting < 0 ? undefined : waiting,
  };
}
