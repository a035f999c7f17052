import { log } from "../../report/log.ts";
import { BadBinary } from "../bad-binary.ts";
import type { Moduledata } from "../moduledata.ts";
import type { RuntimeTypes } from "../types.ts";
import { type Descriptors, Kind } from "./descriptor.ts";
import { goTypeAt } from "./go-type.ts";
import { TypeLookup } from "./lookup.ts";
import { mapLayout } from "./map-layout.ts";
import { fullName } from "./names.ts";
import { structLayout } from "./struct-layout.ts";

/** Names by address that are kept; a server's errors and handlers are a few dozen types. */
const maxCachedNames = 4096;

/**
 * Looks types up in the runtime's metadata, which every Go program carries. What is damaged counts as missing:
 * then the offsets come from elsewhere, and a running trace isn't stopped by the name of an error's type.
 */
export function openRuntimeTypes(
  types: Descriptors,
  moduledata: Moduledata,
  hasPackage: (path: string) => boolean,
): RuntimeTypes {
  const lookup = new TypeLookup(types, moduledata, hasPackage);
  const names = new Map<number, string | undefined>();
  return {
    prepare: (names) => lookup.prepare(names),
    struct: cached((name) =>
      layoutOf(lookup.addressOf(name), Kind.struct, (at) => structLayout(types, at, name)),
    ),
    map: cached((name) => layoutOf(lookup.addressOf(name), Kind.map, (at) => mapLayout(types, at))),
    addressOf: cached((name) => lookup.addressOf(name)),
    goType: cached((name) => {
      const address = lookup.addressOf(name);
      return address === undefined ? undefined : goTypeAt(types, address);
    }),
    nameAt(address) {
      if (!types.holds(address)) return undefined;
      if (names.size >= maxCachedNames) names.clear();
      if (!names.has(address))
        names.set(
          address,
          orMissing(() => nameOf(types, address)),
        );
      return names.get(address);
    },
    structAt: (address) => orMissing(() => structAt(types, address)),
  };

  function layoutOf<T>(
    address: number | undefined,
    kind: number,
    read: (address: number) => T,
  ): T | undefined {
    return address !== undefined && types.kind(address) === kind ? read(address) : undefined;
  }
}

function structAt(types: Descriptors, address: number): ReturnType<RuntimeTypes["structAt"]> {
  if (!types.holds(address)) return undefined;
  const isPointer = types.kind(address) === Kind.pointer;
  const at = isPointer ? types.elem(address) : address;
  if (types.kind(at) !== Kind.struct) return undefined;
  return { isPointer, struct: structLayout(types, at, fullName(types, at)) };
}

/** Unlike a lookup by name this can be asked for any number that a target's memory held. */
function nameOf(types: Descriptors, address: number): string | undefined {
  const kind = types.kind(address);
  return kind === 0 || kind > Kind.last ? undefined : fullName(types, address);
}

function cached<T>(read: (name: string) => T | undefined): (name: string) => T | undefined {
  const known = new Map<string, T | undefined>();
  return (name) => {
    if (!known.has(name))
      known.set(
        name,
        orMissing(() => read(name)),
      );
    return known.get(name);
  };
}

function orMissing<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BadBinary)) throw error;
    log.debug(`type metadata: ${error.message}`);
    return undefined;
  }
}
