import type { TestContext } from "node:test";
import { SqlCallRecord, SqlDatabaseRecord } from "../../../../../src/generated/libraries/database/sql.ts";
import { learnDatabase } from "../../../../../src/libraries/database/sql/databases.ts";
import type { RecordBytes, SpanFacts } from "../../../../../src/libraries/descriptor.ts";
import { recordOf } from "../../../support/records.ts";

type Values<R> = { readonly [K in Exclude<keyof R, "load">]?: R[K] };

/** A record of a call, whose fields have these values until the test ends, and 0 or "" otherwise. */
export function callRecord(t: TestContext, values: Values<SqlCallRecord>): RecordBytes {
  return recordOf(t, SqlCallRecord, { query: "", ...values });
}

/** Lets a target's program tell of a sql.DB. */
export function tell(t: TestContext, facts: SpanFacts, values: Values<SqlDatabaseRecord>): void {
  const texts = { dsn: "", network: "", host: "", instance: "", name: "" };
  learnDatabase(recordOf(t, SqlDatabaseRecord, { ...texts, ...values }), facts);
}
