import { BadBinary, bounded } from "../bad-binary.ts";
import { prime, seed } from "../fnv.ts";
import type { Memory } from "../memory.ts";

/** Largest programs have some thousands. */
const maxPackages = 100_000;
/** Characters. Names of generic functions with many type arguments reach some KB. */
const longestName = 64 * 1024;
/** A name stands once among the names. */
const maxFound = 10_000;

/** The names of functions: texts ended by NUL, one after the other, also of functions that exist only inlined. */
export class NameIndex {
  readonly #memory: Memory;
  readonly #start: number;
  readonly #end: number;
  /** Hashes of the paths of all packages, once the names were gone through. Some thousands in the largest programs. */
  #packages: ReadonlySet<number> | undefined;

  constructor(memory: Memory, start: number, end: number) {
    this.#memory = memory;
    this.#start = start;
    this.#end = end;
  }

  at(offset: number): string {
    if (offset >= this.#end - this.#start) throw new BadBinary("the name of a function is outside the names");
    return this.#memory.text(this.#start + offset);
  }

  /** In the order of the table. */
  *all(): Generator<string> {
    let left = "";
    for (const { data } of this.#memory.chunks(this.#start, this.#end - this.#start)) {
      const names = (left + data.toString("latin1")).split("\0");
      left = names.pop() ?? "";
      bounded(left.length, longestName, "the length of a function's name");
      // Pieces may end within a character.
      for (const name of names) if (name !== "") yield Buffer.from(name, "latin1").toString("utf8");
    }
  }

  /** Two paths may have one hash: one package in some million is said to be there although it isn't. */
  hasPackage(path: string): boolean {
    // The linker writes dots behind the last slash as %2e: objabi.PathToPrefix of the Go distribution.
    const last = path.lastIndexOf("/") + 1;
    const asLinked = path.slice(0, last) + path.slice(last).replaceAll(".", "%2e");
    if (!this.#packages) this.offsetsOf(new Set());
    return this.#packages?.has(hashOf(Buffer.from(asLinked))) ?? false;
  }

  /**
   * Name by offset of all `names` that are there. One pass with a hash: a name costs the pass nothing, and only
   * those that match become strings (7 MB of names of a 95 MB program: 20 ms).
   */
  offsetsOf(names: ReadonlySet<string>): Map<number, string> {
    const found = new Map<number, string>();
    const pass = new NamePass(new Set([...names].map((name) => hashOf(Buffer.from(name)))));
    for (const { address, data } of this.#memory.chunks(this.#start, this.#end - this.#start)) {
      for (const start of pass.feed(data, address)) {
        const name = this.#memory.text(start);
        if (names.has(name)) found.set(start - this.#start, name);
        bounded(found.size, maxFound, "the number of functions of a name");
      }
      bounded(pass.packages.size, maxPackages, "the number of packages");
    }
    this.#packages = pass.packages;
    return found;
  }
}

function hashOf(bytes: Buffer): number {
  return bytes.reduce((hash, byte) => Math.imul(hash ^ byte, prime), seed);
}

/** Bytes that the pass looks at; all others only go into the hash. */
const marks = new Uint8Array(256);
const [end, dot, slash, open] = [1, 2, 3, 4];
marks[0] = end;
marks[".".charCodeAt(0)] = dot;
marks["/".charCodeAt(0)] = slash;
for (const bracket of "([") marks[bracket.charCodeAt(0)] = open;

/** Goes over names that come in pieces: "net/http.(*conn).serve" is of the package that ends at the first dot. */
class NamePass {
  readonly packages = new Set<number>();
  readonly #wanted: ReadonlySet<number>;
  #hash = seed;
  /** Where the name at hand starts; undefined for the very first. */
  #start: number | undefined;
  /** Hash of its package; undefined as long as the path may go on. */
  #package: number | undefined;
  /** Behind a bracket stand receivers and type arguments, whose dots and slashes say nothing. */
  #inPath = true;

  constructor(wanted: ReadonlySet<number>) {
    this.#wanted = wanted;
  }

  /** Addresses of the names that end in this piece and have a wanted hash. */
  feed(data: Buffer, address: number): readonly number[] {
    const found: number[] = [];
    let hash = this.#hash;
    let start = this.#start ?? address;
    for (let i = 0; i < data.length; i++) {
      const byte = data[i] ?? 0;
      const mark = marks[byte] ?? 0;
      if (mark === end) {
        if (this.#wanted.has(hash)) found.push(start);
        if (this.#package !== undefined) this.packages.add(this.#package);
        start = address + i + 1;
        hash = seed;
        this.#package = undefined;
        this.#inPath = true;
        continue;
      }
      if (mark !== 0 && this.#inPath) this.#onMark(mark, hash);
      hash = Math.imul(hash ^ byte, prime);
    }
    this.#hash = hash;
    this.#start = start;
    return found;
  }

  #onMark(mark: number, hash: number): void {
    if (mark === open) this.#inPath = false;
    else if (mark === slash) this.#package = undefined;
    else this.#package ??= hash;
  }
}
