import type { Attributes } from "@opentelemetry/api";
import {
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_SYSTEM_NAME,
} from "@opentelemetry/semantic-conventions";
import {
  ATTR_DB_NAME,
  ATTR_DB_OPERATION,
  ATTR_DB_SQL_TABLE,
  ATTR_DB_STATEMENT,
  ATTR_DB_SYSTEM,
} from "@opentelemetry/semantic-conventions/incubating";

const older: Readonly<Record<string, string>> = {
  [ATTR_DB_SYSTEM_NAME]: ATTR_DB_SYSTEM,
  [ATTR_DB_NAMESPACE]: ATTR_DB_NAME,
  [ATTR_DB_OPERATION_NAME]: ATTR_DB_OPERATION,
  [ATTR_DB_COLLECTION_NAME]: ATTR_DB_SQL_TABLE,
  [ATTR_DB_QUERY_TEXT]: ATTR_DB_STATEMENT,
};

/** Values of db.system that have another spelling in db.system.name. */
const olderSystems: Readonly<Record<string, string>> = {
  "microsoft.sql_server": "mssql",
  "oracle.db": "oracle",
};

/** The attributes' names before the database conventions became stable: OTEL_SEMCONV_STABILITY_OPT_IN=database/dup. */
export function olderNames(attributes: Attributes): Attributes {
  const entries = Object.entries(attributes).flatMap(([name, value]) => {
    const old = older[name];
    if (old === undefined) return [];
    return [[old, name === ATTR_DB_SYSTEM_NAME ? (olderSystems[String(value)] ?? value) : value]];
  });
  return Object.fromEntries(entries);
}
