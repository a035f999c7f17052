import { BadBinary } from "../bad-binary.ts";
import type { Slice } from "../moduledata.ts";
import { type Descriptors, Kind } from "./descriptor.ts";
import { splitName } from "./names.ts";

/** The descriptors of the program's unnamed types, sorted by their text: a list up to Go 1.26. */
export interface Typelinks {
  readonly length: number;
  /** Address of the descriptor at this place. */
  at(index: number): number;
}

/** Types with one text: those of packages with one name, and local ones. More are a list made to be slow. */
const maxSame = 1000;

export function openTypelinks(types: Descriptors, { address, length }: Slice): Typelinks {
  if (types.memory.offsetOf(address, Math.max(1, length * 4)) === undefined) {
    throw new BadBinary("its list of types is outside the file");
  }
  return { length, at: (index) => types.check(types.start + types.memory.i32(address + index * 4)) };
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
  const first = lowerBound(types, links, text);
  for (let i = first; i < Math.min(links.length, first + maxSame); i++) {
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
