import { log } from "../report/log.ts";
import { BadBinary } from "./bad-binary.ts";
import { type Descriptors, Kind } from "./descriptor.ts";
import { mapLayout } from "./map-layout.ts";
import type { Moduledata } from "./moduledata.ts";
import { structLayout } from "./struct-layout.ts";
import { fullName, splitName } from "./type-names.ts";
import { searchByName } from "./type-search.ts";
import { findByPointer, openTypelinks, type Typelinks } from "./typelinks.ts";
import type { RuntimeTypes } from "./types.ts";

/** Names by address that are kept; a server's errors and handlers are a few dozen types. */
const maxCachedNames = 4096;

/**
 * Looks types up in the runtime's metadata, which every Go program carries. What is damaged counts as missing:
 * then the offsets come from elsewhere, and a running trace isn't stopped by the name of an error's type.
 */
export function openRuntimeTypes(types: Descriptors, moduledata: Moduledata): RuntimeTypes {
  const lookUp = lookup(types, moduledata);
  const names = new Map<number, string | undefined>();
  return {
    struct: cached((name) => layoutOf(lookUp(name), Kind.struct, (at) => structLayout(types, at, name))),
    map: cached((name) => layoutOf(lookUp(name), Kind.map, (at) => mapLayout(types, at))),
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
  };

  function layoutOf<T>(
    address: number | undefined,
    kind: number,
    read: (address: number) => T,
  ): T | undefined {
    return address !== undefined && types.kind(address) === kind ? read(address) : undefined;
  }
}

/** Address of the descriptor of a named type. */
function lookup(types: Descriptors, moduledata: Moduledata): (name: string) => number | undefined {
  let links: Typelinks | undefined;
  return (name) => {
    const { packagePath, typeName } = splitName(name);
    if (packagePath === "") return undefined;
    links ??= openTypelinks(types, moduledata);
    const byPointer = findByPointer(types, links, packagePath, typeName);
    const found = byPointer.length > 0 ? byPointer : searchByName(types, packagePath, typeName);
    // Types local to functions have the names of others in their package: better none than a wrong one.
    return found.length === 1 ? found[0] : undefined;
  };
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
