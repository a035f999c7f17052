import type { GoBinary } from "../binary/types.ts";
import type { Library, SpanFacts } from "../libraries/descriptor.ts";

/** Names kept: a program panics with few types, and has few routers. */
const cacheSize = 256;

/**
 * What libraries may ask of a target whose addresses are `loadBias` above its file's. `libraries` are those of the
 * records: a record's number of a library is an index into them.
 */
export function spanFacts(
  binary: Pick<GoBinary, "types" | "functions" | "segments" | "code">,
  libraries: readonly Library[],
  loadBias: number,
  wishes: Pick<SpanFacts, "semconv" | "database">,
): SpanFacts {
  const { types, functions } = binary;
  const typeName = cached((address) => types.nameAt(address - loadBias));
  const functionName = cached((address) => functions.at(address - loadBias)?.name);
  return {
    semconv: wishes.semconv,
    database: wishes.database,
    typeName,
    constant: (address, length) => constantAt(binary, address - loadBias, length),
    route(router, pattern, handler) {
      const toRoute = libraries[router - 1]?.toRoute;
      return toRoute ? toRoute(pattern, handler === 0 ? undefined : functionName(handler)) : "";
    },
  };
}

function constantAt(
  { segments, code }: Pick<GoBinary, "segments" | "code">,
  address: number,
  length: number,
): Uint8Array | undefined {
  const end = address + length;
  const isIn = segments.some(
    (segment) => !segment.writable && address >= segment.address && end <= segment.address + segment.fileSize,
  );
  return isIn ? code({ name: "", address, end }) : undefined;
}

function cached(find: (address: number) => string | undefined): (address: number) => string | undefined {
  const names = new Map<number, string | undefined>();
  return (address) => {
    if (names.has(address)) return names.get(address);
    if (names.size >= cacheSize) names.clear();
    const name = find(address);
    names.set(address, name);
    return name;
  };
}
