import { BadBinary } from "./bad-binary.ts";
import { type Descriptors, Kind } from "./descriptor.ts";
import type { Moduledata } from "./moduledata.ts";
import { splitName } from "./type-names.ts";

/** The descriptors of the program's unnamed types, sorted by their text. */
export interface Typelinks {
  readonly length: number;
  /** Address of the descriptor at this place. */
  at(index: number): number;
}

export function openTypelinks(types: Descriptors, moduledata: Moduledata): Typelinks {
  const { typelinks, typeDescriptors } = moduledata;
  if (typelinks) {
    if (types.memory.offsetOf(typelinks.address, Math.max(1, typelinks.length * 4)) === undefined) {
      throw new BadBinary("its list of types is outside the file");
    }
    return {
      length: typelinks.length,
      at: (index) => types.check(types.start + types.memory.i32(typelinks.address + index * 4)),
    };
  }
  const offsets = typeDescriptors ? walk(types, typeDescriptors.address, typeDescriptors.length) : [];
  return { length: offsets.length, at: (index) => types.start + (offsets[index] ?? 0) };
}

/** Go 1.27 and later keep no list: the descriptors lie one after the other in its order. */
function walk(types: Descriptors, start: number, length: number): number[] {
  const offsets: number[] = [];
  const end = Math.min(start + length, types.end);
  for (let address = start; address < end; ) {
    address = Math.ceil(address / 8) * 8;
    offsets.push(address - types.start);
    address += types.sizeOfDescriptor(address);
  }
  return offsets;
}

/**
 * Finds named types by the pointer to them: named types aren't among the typelinks, but "*http.Request" is when
 * the program has it. Two types of one package have the same text when one is local to a function; both come back.
 */
export function findByPointer(
  types: Descriptors,
  links: Typelinks,
  packagePath: string,
  typeName: string,
): readonly number[] {
  const text = `*${likelyPackageName(packagePath)}.${typeName}`;
  const found: number[] = [];
  for (let i = lowerBound(types, links, text); i < links.length; i++) {
    const address = links.at(i);
    if (types.text(address) !== text) break;
    if (types.kind(address) !== Kind.pointer) continue;
    const elem = types.elem(address);
    if (types.isNamed(elem) && types.packagePath(elem) === packagePath) found.push(elem);
  }
  return found;
}

/** The first place whose text isn't less than `text`, in Go's order of bytes. */
function lowerBound(types: Descriptors, links: Typelinks, text: string): number {
  const wanted = Buffer.from(text);
  let [low, high] = [0, links.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (Buffer.from(types.text(links.at(middle))).compare(wanted) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A guess: the last element of the path, without a major version ("…/go-redis/v9" → "go-redis"). */
function likelyPackageName(path: string): string {
  const elements = path.split("/").filter((element) => !/^v\d+$/.test(element));
  return splitName(elements.at(-1) ?? "").packagePath || (elements.at(-1) ?? "");
}
