import { BadBinary, bounded } from "./bad-binary.ts";
import type { Descriptors } from "./descriptor.ts";
import { offsetsOf } from "./go-facts/fact.ts";
import { type } from "./go-facts/types.ts";
import { ScanFor } from "./type-name-scan.ts";
import { type QualifiedName, splitName } from "./type-names.ts";
import { WordSet } from "./word-set.ts";

/** More places where a name could stand, or descriptors that could have it, than this are a file made to be slow. */
const maxPlaces = 100_000;
const { Str: nameOffsetInDescriptor } = offsetsOf(type);

/**
 * Finds the descriptors of many named types by their names alone, for those that nothing sorted leads to (no pointer
 * type, a package whose name isn't in its path, or Go 1.27, which keeps no list). First where the names stand among
 * the names of types, then which descriptors refer to such places; then each descriptor itself must say the same
 * name and package. Two passes over the types, however many names there are (9 MB for a 95 MB program: 30 ms), and
 * one when none of them is there. The result has no entry for a name that isn't there.
 */
export function searchByName(
  types: Descriptors,
  names: Iterable<QualifiedName>,
  /** Where all descriptors end; behind it are only names. */
  endOfDescriptors = types.end,
): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  const places = placesOf(types, [...names]);
  if (places.size === 0) return found;
  for (const { address, candidates } of referringTo(types, places, endOfDescriptors)) {
    for (const { packagePath, typeName } of candidates) {
      if (!isNamed(types, address, packagePath, typeName)) continue;
      const name = `${packagePath}.${typeName}`;
      const addresses = found.get(name);
      if (addresses) addresses.push(address);
      else found.set(name, [address]);
    }
  }
  return found;
}

function isNamed(types: Descriptors, address: number, packagePath: string, typeName: string): boolean {
  try {
    return (
      types.isNamed(address) &&
      types.packagePath(address) === packagePath &&
      splitName(types.text(address)).typeName === typeName
    );
  } catch (error) {
    // A number that by chance equals the offset: there is no descriptor around it.
    if (error instanceof BadBinary) return false;
    throw error;
  }
}

type Places = ReadonlyMap<number, readonly QualifiedName[]>;

/** By the offset of a text "package.Name" or "*package.Name": what it could be the name of. */
function placesOf(types: Descriptors, names: readonly QualifiedName[]): Places {
  const places = new Map<number, readonly QualifiedName[]>();
  const scan = new ScanFor(names);
  for (const { address, data } of types.memory.chunks(types.start, types.end - types.start, scan.overlap)) {
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
  end: number,
): Generator<{ readonly address: number; readonly candidates: readonly QualifiedName[] }> {
  const words = new WordSet(places.keys());
  const first = types.start + (nameOffsetInDescriptor % 8);
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
