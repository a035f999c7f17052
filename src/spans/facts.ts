import type { RuntimeTypes } from "../binary/types.ts";
import type { SpanFacts } from "../libraries/descriptor.ts";

/** Names kept: a program panics with few types. */
const cacheSize = 256;

/** What libraries may ask of a target whose addresses are `loadBias` above its file's. */
export function spanFacts(
  types: RuntimeTypes,
  loadBias: number,
  wishes: Pick<SpanFacts, "semconv" | "database">,
): SpanFacts {
  const names = new Map<number, string | undefined>();
  return {
    semconv: wishes.semconv,
    database: wishes.database,
    typeName(address) {
      if (names.has(address)) return names.get(address);
      if (names.size >= cacheSize) names.clear();
      const name = types.nameAt(address - loadBias);
      names.set(address, name);
      return name;
    },
  };
}
