import type { TestContext } from "node:test";
import { SqlCallRecord, SqlDatabaseRecord } from "../../../../../src/generated/libraries/database/sql.ts";
import { learnDatabase } from "../../../../../src/libraries/database/sql/databases.ts";
import type { RecordBytes, SpanFacts } from "../../../../../src/libraries/descriptor.ts";

type Values<R> = { readonly [K in Exclude<keyof R, "load">]?: R[K] };

/** What a target's spans are made with; its types are those at these addresses. */
export function factsWith(
  types: Readonly<Record<number, string>> = {},
  settings: Partial<Pick<SpanFacts, "semconv" | "database">> = {},
): SpanFacts {
  return {
    typeName: (address) => types[address],
    route: () => "",
    semconv: { httpDup: false, databaseDup: false, rpcDup: false },
    database: { includeStatement: false, parseStatement: true },
    ...settings,
  };
}

/** A record of a call, whose fields have these values until the test ends, and 0 or "" otherwise. */
export function callRecord(t: TestContext, values: Values<SqlCallRecord>): RecordBytes {
  return recordOf(t, SqlCallRecord, { query: "", ...values });
}

/** Lets a target's program tell of a sql.DB. */
export function tell(t: TestContext, facts: SpanFacts, values: Values<SqlDatabaseRecord>): void {
  const texts = { dsn: "", network: "", host: "", instance: "", name: "" };
  learnDatabase(recordOf(t, SqlDatabaseRecord, { ...texts, ...values }), facts);
}

function recordOf<R extends object>(
  t: TestContext,
  reader: { readonly prototype: R; readonly size: number },
  values: Readonly<Record<string, unknown>>,
): RecordBytes {
  for (const [name, value] of Object.entries(values)) {
    const own = Object.getOwnPropertyDescriptor(reader.prototype, name);
    if (!own) throw new Error(`no field ${name}`);
    Object.defineProperty(reader.prototype, name, { ...own, get: () => value });
    t.after(() => Object.defineProperty(reader.prototype, name, own));
  }
  return { buffer: Buffer.alloc(reader.size), start: 0, end: reader.size };
}
