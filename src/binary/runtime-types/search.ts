import { BadBinary, bounded } from "../bad-binary.ts";
import { offsetsOf } from "../go-facts/fact.ts";
import { type } from "../go-facts/types.ts";
import { WordSet } from "../word-set.ts";
import { type Descriptors, Kind } from "./descriptor.ts";
import { ScanFor } from "./name-scan.ts";
import { type QualifiedName, splitName } from "./names.ts";

/** More places where a name could stand, or descriptors that could have it, than this are a file made to be slow. */
const maxPlaces = 100_000;
const { Str: nameOffsetInDescriptor } = offsetsOf(type);

/** Addresses: from the first to behind the last. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Where among the types something can be. */
export interface SearchAreas {
  readonly texts: Range;
  readonly descriptors: Range;
  /** A smaller part of the descriptors that has all those of pointers. */
  readonly pointers?: Range;
}

/**
 * Finds the descriptors of many named types by their names alone, for those that nothing sorted leads to (no pointer
 * type, a package whose name isn't in its path, or Go 1.27, which keeps no list). First where the names stand among
 * the texts, then which descriptors refer to such places: of pointers, where these lie together, and for what that
 * doesn't find, of all types. Then the descriptor itself must say the same name and package. Each of these is one
 * pass, however many names there are, and none of the later ones is made for names whose texts aren't there. The
 * result has no entry for a name that isn't there.
 */
export function searchByName(
  types: Descriptors,
  names: Iterable<QualifiedName>,
  areas: SearchAreas = { texts: types, descriptors: types },
): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  const add = (address: number, candidates: readonly QualifiedName[]) => {
    for (const { packagePath, typeName } of candidates) {
      if (!isNamed(types, address, packagePath, typeName)) continue;
      const name = `${packagePath}.${typeName}`;
      found.set(name, [...(found.get(name) ?? []), address]);
    }
  };
  const places = placesOf(types, [...names], areas.texts);
  // A named type and the pointer to it have the same text: "*http.Request".
  if (areas.pointers && places.size > 0)
    for (const { address, candidates } of referringTo(types, places, areas.pointers))
      add(pointee(types, address), candidates);
  const isMissing = ({ packagePath, typeName }: QualifiedName) => !found.has(`${packagePath}.${typeName}`);
  const rest = [...places].flatMap(([place, candidates]) => {
    const missing = candidates.filter(isMissing);
    return missing.length > 0 ? [[place, missing] as const] : [];
  });
  if (rest.length > 0)
    for (const { address, candidates } of referringTo(types, new Map(rest), areas.descriptors))
      add(address, candidates);
  return found;
}

/** What a descriptor that may be one of a pointer points to; 0 for nothing. */
function pointee(types: Descriptors, address: number): number {
  return types.kind(address) === Kind.pointer ? (orUndefined(() => types.elem(address)) ?? 0) : 0;
}

function isNamed(types: Descriptors, address: number, packagePath: string, typeName: string): boolean {
  const same = () =>
    types.isNamed(address) &&
    types.packagePath(address) === packagePath &&
    splitName(types.text(address)).typeName === typeName;
  return orUndefined(same) ?? false;
}

/** Around a number that by chance equals the offset there is no descriptor. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof BadBinary) return undefined;
    throw error;
  }
}

type Places = ReadonlyMap<number, readonly QualifiedName[]>;

/** By the offset of a text "package.Name" or "*package.Name": what it could be the name of. */
function placesOf(types: Descriptors, names: readonly QualifiedName[], { start, end }: Range): Places {
  const places = new Map<number, readonly QualifiedName[]>();
  const scan = new ScanFor(names);
  for (const { address, data } of types.memory.chunks(start, end - start, scan.overlap)) {
    for (const { at, candidates } of scan.in(data)) {
      places.set(address + at - types.start, candidates);
      bounded(places.size, maxPlaces, "the number of types of a name");
    }
  }
  return places;
}

/** Descriptors that could refer to one of the places: a descriptor has the offset of its name, and lies on 8 bytes. */
function* referringTo(
  types: Descriptors,
  places: Places,
  { start, end }: Range,
): Generator<{ readonly address: number; readonly candidates: readonly QualifiedName[] }> {
  const words = new WordSet(places.keys());
  const first = start + (nameOffsetInDescriptor % 8);
  let count = 0;
  for (const { address, data } of types.memory.chunks(first, end - first)) {
    for (const index of words.placesIn(data, 2)) {
      bounded(++count, maxPlaces, "the number of types of a name");
      const descriptor = address + index * 4 - nameOffsetInDescriptor;
      const candidates = places.get(data.readUInt32LE(index * 4)) ?? [];
      if (types.holds(descriptor)) yield { address: descriptor, candidates };
    }
  }
}
