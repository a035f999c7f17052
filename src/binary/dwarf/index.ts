import { BadBinary } from "../bad-binary.ts";
import { packageOf } from "../package-of.ts";
import type { DebugSignature, DebugTypes, GoFunction, StructType } from "../types.ts";
import { unescapePath } from "./entries.ts";
import { indexFunctions, readSignature } from "./functions.ts";
import { DebugGoTypes } from "./go-types.ts";
import type { Sections } from "./strings.ts";
import { indexStructs, readStruct } from "./structs.ts";
import { type Unit, unitsNamed } from "./units.ts";

/** Go's linker puts the types of all packages into the unit of this one: cmd/link/internal/ld/dwarf.go, movetomodule. */
const unitOfTypes = "runtime";

/**
 * Struct layouts and functions' signatures out of DWARF 2 to 5 as Go's linker writes it. `section` gives a section's
 * bytes, decompressed. It is asked for .debug_info at the first look-up, which indexes the structs, and at the first
 * one in each package; the bytes are not kept. Undefined when the binary has no DWARF; what it doesn't hold, or holds
 * in a broken way, is undefined too.
 */
export function openDebugTypes(section: Sections): DebugTypes | undefined {
  if (!section(".debug_abbrev")) return undefined;
  let layouts: Layouts | undefined;
  const opened = () => {
    layouts ??= orNothing(() => openLayouts(section)) ?? nothing;
    return layouts;
  };
  const known = new Map<string, StructType | undefined>();
  const packages = new Map<string, Package | undefined>();
  const packageNamed = (path: string) => {
    if (!packages.has(path))
      packages.set(
        path,
        orNothing(() => opened().open(path)),
      );
    return packages.get(path);
  };
  return {
    struct(name) {
      const { find } = opened();
      if (!known.has(name))
        known.set(
          name,
          orNothing(() => find(name)),
        );
      return known.get(name);
    },
    signature: (fn) => orNothing(() => packageNamed(packageOf(fn.name))?.signature(fn)),
    inlined: (path) => packageNamed(path)?.inlined ?? new Set(),
  };
}

interface Layouts {
  readonly find: (name: string) => StructType | undefined;
  readonly open: (packagePath: string) => Package | undefined;
}

const nothing: Layouts = { find: () => undefined, open: () => undefined };

interface Package {
  readonly signature: (fn: GoFunction) => DebugSignature | undefined;
  readonly inlined: ReadonlySet<string>;
}

function openLayouts(section: Sections): Layouts {
  const info = section(".debug_info");
  const strings = remembering(section);
  const units = info ? unitsNamed(unitOfTypes, info, strings) : [];
  const indexes = units.map((unit): [Unit, ReadonlyMap<string, number>] => [
    unit,
    indexStructs(unit, strings),
  ]);
  const find = (name: string) => {
    for (const [unit, index] of indexes) {
      const at = index.get(name);
      if (at !== undefined) return readStruct(unit, at, name, units, strings);
    }
    return undefined;
  };
  return { find, open: (path) => openPackage(path, units, section) };
}

function openPackage(path: string, unitsOfTypes: readonly Unit[], section: Sections): Package {
  const info = section(".debug_info");
  const strings = remembering(section);
  const units = info && path !== unitOfTypes ? unitsNamed(unescapePath(path), info, strings) : unitsOfTypes;
  const types = new DebugGoTypes([...unitsOfTypes, ...units], strings);
  const indexes = units.map((unit) => ({ unit, ...indexFunctions(unit, strings) }));
  return {
    signature({ name, address }) {
      for (const { unit, byAddress, byName } of indexes) {
        const named = byName.get(unescapePath(name)) ?? [];
        const at = byAddress.get(address) ?? (named.length === 1 ? named[0] : undefined);
        if (at !== undefined) return readSignature(unit, at, types, strings);
      }
      return undefined;
    },
    inlined: new Set(indexes.flatMap(({ inlined }) => [...inlined])),
  };
}

/** Asks once for each section: .debug_str may be needed for every name. */
function remembering(section: Sections): Sections {
  const known = new Map<string, Uint8Array | undefined>();
  return (name) => {
    if (!known.has(name)) known.set(name, section(name));
    return known.get(name);
  };
}

/** DWARF is one of several sources: one that breaks its own rules is as good as none. */
function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof BadBinary) return undefined;
    throw error;
  }
}
