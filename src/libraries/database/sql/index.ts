import { field, type Library, optional, type ProbeSpec } from "../../descriptor.ts";
import { goroutineFields, openSpanFields, returnFields } from "../../go-fields.ts";
import { connectorFields, connectorItabs } from "./connectors.ts";
import { learnDatabase } from "./databases.ts";
import { duration } from "./duration.ts";
import { poolMetrics } from "./pool-metrics.ts";
import { toSpan } from "./to-span.ts";

/** Since Go 1.20: calls this closure of each method, up to three times, and shows there what came of it. */
const retry = "database/sql.(*DB).retry";

/** One that goes behind the attempts of a method which retries. On amd64 all of them are one place in `retry`. */
function attempts(methods: readonly string[], required = false): ProbeSpec {
  return {
    when: retry,
    name: `end of ${methods[0]}`,
    program: "sql_returned",
    site: {
      at: "return",
      functions: methods.map((method) => `database/sql.${method}.func1`),
      results: 2,
      callers: "none",
      indirectIn: [retry],
    },
    ...(required ? {} : { optional: true }),
  };
}

/** Up to Go 1.19: one at the calls of errors.Is with which the method itself looks at what came of an attempt. */
function ownAttempts(method: string): ProbeSpec {
  return {
    unless: retry,
    name: `end of ${method}`,
    program: "sql_attempt_ended",
    site: { at: "call", function: `database/sql.${method}`, callee: "errors.Is" },
    optional: true,
  };
}

/** One that goes where callers of a method go on. `error` is the register of the results that has its error's type. */
function returned(method: string, error: number, orItself?: string): ProbeSpec {
  return {
    name: `end of ${method}`,
    program: "sql_returned",
    site: {
      at: "return",
      functions: [`database/sql.${method}`],
      results: error + 1,
      firstResult: error,
      callers: "anywhere",
      ...(orItself === undefined ? {} : { orItself: { constant: orItself, hiddenBy: "any caller" } }),
    },
    optional: true,
  };
}

/** One that goes on the RETs of a method which returns nothing but an error. */
function returnsItself(method: string): ProbeSpec {
  return {
    name: `end of ${method}`,
    program: "sql_returned",
    site: { at: "return", functions: [`database/sql.${method}`], results: 1, callers: "itself" },
    optional: true,
  };
}

/** One at the call of errors.Is that looks at what the driver made of a transaction's end. */
function driverReturned(method: string): ProbeSpec {
  return {
    name: `end of ${method}`,
    program: "sql_tx_ended",
    site: {
      at: "call",
      function: `database/sql.${method}`,
      after: "database/sql.withLock",
      callee: "errors.Is",
    },
    optional: true,
  };
}

function entry(method: string, program: string): ProbeSpec {
  return {
    name: method,
    program,
    site: { at: "entry", functions: [`database/sql.${method}`] },
    starts: true,
    optional: true,
  };
}

const ping = "(*DB).PingContext";
const retrying = ["(*DB).QueryContext", "(*DB).ExecContext", "(*DB).PrepareContext", "(*DB).BeginTx", ping];
const statements = ["(*Stmt).QueryContext", "(*Stmt).ExecContext"];

export const library: Library = {
  path: "database/sql",
  name: "database/sql",
  module: "std",
  since: "1.18",
  usedBy: [...retrying, ...statements].map((method) => `database/sql.${method}`),
  fields: {
    ...goroutineFields,
    ...openSpanFields,
    ...returnFields,
    ...connectorFields,
    db_connector: field("database/sql.DB.connector"),
    db_free_conn: field("database/sql.DB.freeConn"),
    db_num_open: field("database/sql.DB.numOpen"),
    db_max_open: field("database/sql.DB.maxOpen"),
    db_conn_requests: optional(field("database/sql.DB.connRequests")),
    conn_request_set_slice: optional(field("database/sql.connRequestSet.s")),
    db_max_idle: field("database/sql.DB.maxIdleCount"),
    owner_db: optional(field("database/sql.Tx.db", "database/sql.Conn.db")),
    stmt_db: optional(field("database/sql.Stmt.db")),
    stmt_query: optional(field("database/sql.Stmt.query")),
    tx_done: optional(field("database/sql.Tx.done")),
    tx_context: optional(field("database/sql.Tx.ctx")),
    cancel_context_err: optional(field("context.cancelCtx.err")),
  },
  maps: {},
  itabs: connectorItabs,
  uses: { db_retries: [retry] },
  probes: [
    attempts(retrying, true),
    ...retrying.map((method) => attempts([method])),
    ...statements.map((method) => attempts([method])),
    ...[...retrying, ...statements].filter((method) => method !== ping).map(ownAttempts),
    {
      unless: retry,
      name: "success of (*Stmt).QueryContext",
      program: "sql_attempt_succeeded",
      site: {
        at: "call",
        function: "database/sql.(*Stmt).QueryContext",
        callee: "database/sql.(*DB).addDep",
      },
      optional: true,
    },
    returnsItself(ping),
    // Go 1.27 leaves no place behind these in QueryRow.
    returned("(*Tx).QueryContext", 1, "tx_query_itself"),
    returned("(*Tx).ExecContext", 2),
    returned("(*Tx).PrepareContext", 1),
    returned("(*Conn).QueryContext", 1, "conn_query_itself"),
    returned("(*Conn).ExecContext", 2),
    returned("(*Conn).PrepareContext", 1),
    returned("(*Conn).BeginTx", 1),
    returnsItself("(*Conn).PingContext"),
    driverReturned("(*Tx).Commit"),
    driverReturned("(*Tx).rollback"),
    entry("(*DB).QueryContext", "sql_db_statement"),
    entry("(*DB).ExecContext", "sql_db_statement"),
    entry("(*DB).PrepareContext", "sql_db_prepare"),
    entry("(*DB).BeginTx", "sql_db_begin"),
    entry(ping, "sql_db_ping"),
    entry("(*Stmt).QueryContext", "sql_stmt_statement"),
    entry("(*Stmt).ExecContext", "sql_stmt_statement"),
    entry("(*Tx).QueryContext", "sql_tx_query"),
    entry("(*Tx).ExecContext", "sql_owner_exec"),
    entry("(*Tx).PrepareContext", "sql_owner_prepare"),
    entry("(*Conn).QueryContext", "sql_conn_query"),
    entry("(*Conn).ExecContext", "sql_owner_exec"),
    entry("(*Conn).PrepareContext", "sql_owner_prepare"),
    entry("(*Conn).BeginTx", "sql_conn_begin"),
    entry("(*Conn).PingContext", "sql_conn_ping"),
    entry("(*Tx).Commit", "sql_tx_commit"),
    entry("(*Tx).rollback", "sql_tx_rollback"),
  ],
  onRecord: learnDatabase,
  metrics: poolMetrics,
  duration,
  toSpan,
};
