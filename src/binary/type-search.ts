import { BadBinary } from "./bad-binary.ts";
import type { Descriptors } from "./descriptor.ts";
import { splitName } from "./type-names.ts";

/** Longest name of a package. */
const maxPackageName = 128;
/** More places where the name could stand than this are a file made to be slow. */
const maxPlaces = 100;
/** abi.Type.Str */
const nameOffsetInDescriptor = 40;

/**
 * Finds the descriptors of a named type by its name alone, for those that nothing sorted leads to (no pointer type,
 * or a package whose name isn't in its path). First where the name stands among the names of types, then which
 * descriptor refers to such a place; then the descriptor itself must say the same name and package. A name that
 * isn't there costs the first pass only (1 MB for a 10 MB program, 0.3 ms).
 */
export function searchByName(types: Descriptors, packagePath: string, typeName: string): readonly number[] {
  const offsets = nameOffsets(types, typeName);
  if (offsets.size === 0) return [];
  return [...referringTo(types, offsets)].filter((address) => isNamed(types, address, packagePath, typeName));
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

/** Offsets of all names that read "package.typeName" or "*package.typeName". */
function nameOffsets(types: Descriptors, typeName: string): Set<number> {
  const ending = Buffer.from(`.${typeName}`);
  const overlap = ending.length + maxPackageName;
  const offsets = new Set<number>();
  for (const { address, data } of types.memory.chunks(types.start, types.end - types.start, overlap)) {
    for (
      let at = data.indexOf(ending);
      at >= 0 && offsets.size < maxPlaces;
      at = data.indexOf(ending, at + 1)
    ) {
      for (const start of starts(data, at, at + ending.length)) offsets.add(address + start - types.start);
    }
  }
  return offsets;
}

/** Where in `data` a name could start whose package ends at `dot` and whose text ends at `end`. */
function* starts(data: Buffer, dot: number, end: number): Generator<number> {
  for (let text = dot - 1; text >= 3 && dot - text < maxPackageName; text--) {
    const length = end - text;
    if (length < 0x80 && data[text - 1] === length) yield text - 2;
    if (length >= 0x80 && data[text - 1] === length >>> 7 && data[text - 2] === (0x80 | (length & 0x7f)))
      yield text - 3;
  }
}

/**
 * Descriptors that refer to one of the offsets, where a descriptor has the offset of its name. There are few offsets,
 * and searching for each as bytes is ten times faster than looking at every word here.
 */
function* referringTo(types: Descriptors, offsets: ReadonlySet<number>): Generator<number> {
  for (const offset of offsets) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(offset);
    for (const { address, data } of types.memory.chunks(types.start, types.end - types.start)) {
      for (let at = data.indexOf(bytes); at >= 0; at = data.indexOf(bytes, at + 1)) {
        const descriptor = address + at - nameOffsetInDescriptor;
        if (at % 8 === 0 && types.holds(descriptor)) yield descriptor;
      }
    }
  }
}
