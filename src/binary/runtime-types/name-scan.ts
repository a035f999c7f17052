import { prime, seed } from "../fnv.ts";
import type { QualifiedName } from "./names.ts";

/** Longest name of a package. */
const maxPackageName = 128;
const dot = 0x2e;
const star = 0x2a;

/** Letters, digits, "_" and whatever isn't ASCII: what names of Go are made of. */
const isLetter = new Uint8Array(256).map((_, byte) =>
  byte >= 0x80 || /\w/.test(String.fromCharCode(byte)) ? 1 : 0,
);

export interface FoundText {
  /** Where the name starts, with its flags and length before its text. */
  readonly at: number;
  /** The types that it could be the name of: of that name in packages of any path. */
  readonly candidates: readonly QualifiedName[];
}

/**
 * Searches for the names of types as the runtime keeps them: a byte of flags, the length, and "package.Name" or
 * "*package.Name". One pass for any number of them: whatever stands between a dot and the end of the word is hashed.
 */
export class ScanFor {
  /** Bytes that pieces must share, so that a name that begins in one and ends in the next is seen. */
  readonly overlap: number;
  readonly #byName = new Map<string, { readonly ending: Buffer; readonly types: QualifiedName[] }>();
  /** By the hash of the first word of a name: "Pointer" of "Pointer[net/http.body]". */
  readonly #byHash = new Map<number, { readonly ending: Buffer; readonly types: QualifiedName[] }[]>();
  /** Whether any of the names begins with this byte. */
  readonly #firstBytes = new Uint8Array(256);

  constructor(names: readonly QualifiedName[]) {
    for (const name of names) {
      const known = this.#byName.get(name.typeName);
      if (known) known.types.push(name);
      else this.#add(name);
    }
    const longest = Math.max(0, ...[...this.#byName.values()].map(({ ending }) => ending.length));
    this.overlap = maxPackageName + longest + 4;
  }

  #add(name: QualifiedName): void {
    const entry = { ending: Buffer.from(`.${name.typeName}`), types: [name] };
    this.#byName.set(name.typeName, entry);
    this.#firstBytes[entry.ending[1] ?? 0] = 1;
    const hash = hashOfWord(entry.ending);
    this.#byHash.set(hash, [...(this.#byHash.get(hash) ?? []), entry]);
  }

  /** All names in this piece; now and then also a place inside a name, as "*" can be a length. */
  *in(data: Buffer): Generator<FoundText> {
    for (const at of this.#dots(data)) {
      for (const { ending, types } of this.#byHash.get(hashOfWord(data, at)) ?? []) {
        if (!data.subarray(at, at + ending.length).equals(ending)) continue;
        for (const start of starts(data, at, at + ending.length)) yield { at: start, candidates: types };
      }
    }
  }

  /** Where there is a dot and behind it a word with the hash of a wanted one. */
  #dots(data: Buffer): readonly number[] {
    const dots: number[] = [];
    for (let i = 0; i < data.length; i++) {
      if (data[i] !== dot || this.#firstBytes[data[i + 1] ?? 0] !== 1) continue;
      if (this.#byHash.has(hashOfWord(data, i))) dots.push(i);
    }
    return dots;
  }
}

/** Of the word behind the dot at `at`. */
function hashOfWord(data: Buffer, at = 0): number {
  let hash = seed;
  for (let i = at + 1; i < data.length && isLetter[data[i] ?? 0] === 1; i++)
    hash = Math.imul(hash ^ (data[i] ?? 0), prime);
  return hash;
}

/** Where a name could start whose package ends at the dot and whose text ends at `end`. */
function* starts(data: Buffer, at: number, end: number): Generator<number> {
  for (let text = at - 1; text >= 2 && at - text < maxPackageName; text--) {
    const byte = data[text] ?? 0;
    if (isLetter[byte] !== 1 && byte !== star) return;
    const length = end - text;
    if (length < 0x80 && data[text - 1] === length) yield text - 2;
    const isLong = length >= 0x80 && text >= 3;
    if (isLong && data[text - 1] === length >>> 7 && data[text - 2] === (0x80 | (length & 0x7f)))
      yield text - 3;
    if (byte === star) return;
  }
}
