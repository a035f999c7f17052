import { type Attributes, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import {
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_STORED_PROCEDURE_NAME,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from "@opentelemetry/semantic-conventions";
import { SqlCall, SqlCallRecord } from "../../../generated/libraries/database/sql.ts";
import type { LibrarySpan, RecordBytes, SpanFacts } from "../../descriptor.ts";
import { databaseAt } from "./databases.ts";
import { olderNames } from "./older-names.ts";
import { describeStatement } from "./statement.ts";

const call = new SqlCallRecord();

/** Calls that have no text. */
const operations: Readonly<Record<number, string>> = {
  [SqlCall.begin]: "BEGIN",
  [SqlCall.commit]: "COMMIT",
  [SqlCall.rollback]: "ROLLBACK",
  [SqlCall.ping]: "PING",
};

/** A record of ebpf/libraries/database/sql/sql.h as a span of the stable database conventions. */
export function toSpan(record: RecordBytes, facts: SpanFacts): LibrarySpan {
  call.load(record);
  const { system, namespace, address, port } = databaseAt(facts, call.database);
  const attributes: Attributes = { [ATTR_DB_SYSTEM_NAME]: system };
  if (namespace) attributes[ATTR_DB_NAMESPACE] = namespace;
  if (address) attributes[ATTR_SERVER_ADDRESS] = address;
  if (port !== undefined) attributes[ATTR_SERVER_PORT] = port;
  addStatement(attributes, system, facts);
  const errorType = call.errorType === 0 ? undefined : (facts.typeName(call.errorType) ?? "_OTHER");
  if (errorType !== undefined) attributes[ATTR_ERROR_TYPE] = errorType;
  const name = nameOf(attributes, system);
  if (facts.semconv.databaseDup) Object.assign(attributes, olderNames(attributes));
  return {
    name,
    kind: SpanKind.CLIENT,
    attributes,
    status: { code: errorType === undefined ? SpanStatusCode.UNSET : SpanStatusCode.ERROR },
    traceState: undefined,
  };
}

function addStatement(attributes: Attributes, system: string, { database }: SpanFacts): void {
  const operation = operations[call.call];
  if (operation !== undefined) {
    attributes[ATTR_DB_OPERATION_NAME] = operation;
    return;
  }
  const prepares = call.call === SqlCall.prepare;
  if (prepares) attributes[ATTR_DB_OPERATION_NAME] = "PREPARE";
  if (!database.parseStatement && !database.includeStatement) return;
  const statement = describeStatement(call.query, { system, truncated: call.queryCut !== 0 });
  if (database.parseStatement) {
    if (statement.operation && !prepares) attributes[ATTR_DB_OPERATION_NAME] = statement.operation;
    if (statement.collection) attributes[ATTR_DB_COLLECTION_NAME] = statement.collection;
    if (statement.procedure) attributes[ATTR_DB_STORED_PROCEDURE_NAME] = statement.procedure;
    if (statement.summary)
      attributes[ATTR_DB_QUERY_SUMMARY] = prepares ? `PREPARE ${statement.summary}` : statement.summary;
  }
  if (database.includeStatement && statement.text) attributes[ATTR_DB_QUERY_TEXT] = statement.text;
}

/** https://opentelemetry.io/docs/specs/semconv/database/database-spans/#name */
function nameOf(attributes: Attributes, system: string): string {
  const summary = attributes[ATTR_DB_QUERY_SUMMARY];
  if (typeof summary === "string") return summary;
  const target =
    attributes[ATTR_DB_COLLECTION_NAME] ??
    attributes[ATTR_DB_STORED_PROCEDURE_NAME] ??
    attributes[ATTR_DB_NAMESPACE] ??
    serverOf(attributes);
  return [attributes[ATTR_DB_OPERATION_NAME], target].filter(Boolean).join(" ") || system;
}

function serverOf(attributes: Attributes): string | undefined {
  const address = attributes[ATTR_SERVER_ADDRESS];
  const port = attributes[ATTR_SERVER_PORT];
  if (typeof address !== "string") return undefined;
  return port === undefined ? address : `${address}:${port}`;
}
