import { BadBinary } from "../bad-binary.ts";
import type { DebugTypes, StructType } from "../types.ts";
import type { Sections } from "./strings.ts";
import { indexStructs, readStruct } from "./structs.ts";
import { type Unit, unitsNamed } from "./units.ts";

/** Go's linker puts the types of all packages into the unit of this one: cmd/link/internal/ld/dwarf.go, movetomodule. */
const unitOfTypes = "runtime";

/**
 * Struct layouts out of DWARF 2 to 5 as Go's linker writes it. `section` gives a section's bytes, decompressed. It
 * is asked for .debug_info at the first look-up, which indexes the structs; the bytes are not kept. Undefined when
 * the binary has no DWARF; a struct that it doesn't hold, or holds in a broken way, is undefined too.
 */
export function openDebugTypes(section: Sections): DebugTypes | undefined {
  if (!section(".debug_abbrev")) return undefined;
  let layouts: Layouts | undefined;
  const known = new Map<string, StructType | undefined>();
  return {
    struct(name) {
      layouts ??= orNothing(() => openLayouts(section)) ?? { find: () => undefined };
      const { find } = layouts;
      if (!known.has(name))
        known.set(
          name,
          orNothing(() => find(name)),
        );
      return known.get(name);
    },
  };
}

interface Layouts {
  readonly find: (name: string) => StructType | undefined;
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
  return { find };
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
