import type { TestContext } from "node:test";
import type { RecordBytes, SpanFacts } from "../../../src/libraries/descriptor.ts";

/** What a target's spans are made with; its types are those at these addresses. */
export function factsWith(
  types: Readonly<Record<number, string>> = {},
  settings: Partial<Pick<SpanFacts, "semconv" | "database">> = {},
): SpanFacts {
  return {
    typeName: (address) => types[address],
    route: () => "",
    constant: () => undefined,
    semconv: { httpDup: false, databaseDup: false, rpcDup: false },
    database: { includeStatement: false, parseStatement: true },
    ...settings,
  };
}

/** A record whose fields have these values until the test ends, as its reader tells them. */
export function recordOf<R extends object>(
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
