import type { Moduledata } from "../moduledata.ts";
import type { Descriptors } from "./descriptor.ts";
import { type QualifiedName, splitName } from "./names.ts";
import { type SearchAreas, searchByName } from "./search.ts";
import { findByPointer, openTypelinks, type Typelinks } from "./typelinks.ts";

/** Finds the descriptor of a named type: in the sorted list up to Go 1.26, else by a search for all at once. */
export class TypeLookup {
  readonly #types: Descriptors;
  readonly #moduledata: Moduledata;
  readonly #hasPackage: (path: string) => boolean;
  readonly #prepared = new Map<string, QualifiedName>();
  readonly #searched = new Map<string, readonly number[]>();
  #links: Typelinks | undefined;

  /** `hasPackage` says whether any function of a package is in the program. */
  constructor(types: Descriptors, moduledata: Moduledata, hasPackage: (path: string) => boolean) {
    this.#types = types;
    this.#moduledata = moduledata;
    this.#hasPackage = hasPackage;
  }

  /** Names that are about to be asked for, so that one search can look for all of them. */
  prepare(names: Iterable<string>): void {
    for (const name of names) if (!this.#searched.has(name)) this.#prepared.set(name, splitName(name));
  }

  /** Address of the type's descriptor; undefined when there is none, or more than one. */
  addressOf(name: string): number | undefined {
    const qualified = splitName(name);
    if (qualified.packagePath === "") return undefined;
    const linked = this.#linked(qualified);
    const found = linked.length > 0 ? linked : this.#search(name, qualified);
    // Types local to functions have the names of others in their package: better none than a wrong one.
    return found.length === 1 ? found[0] : undefined;
  }

  #linked({ packagePath, typeName }: QualifiedName): readonly number[] {
    const { typelinks } = this.#moduledata;
    if (!typelinks) return [];
    this.#links ??= openTypelinks(this.#types, typelinks);
    return findByPointer(this.#types, this.#links, packagePath, typeName);
  }

  #search(name: string, qualified: QualifiedName): readonly number[] {
    // Names of other releases of a library are asked for too. To know that they aren't here costs no search when
    // their package isn't: a package has functions wherever it has types worth a probe.
    if (!this.#hasPackage(qualified.packagePath)) return [];
    if (!this.#searched.has(name)) this.#searchAll(this.#prepared.set(name, qualified));
    return this.#searched.get(name) ?? [];
  }

  #searchAll(names: Map<string, QualifiedName>): void {
    const present = [...names].filter(
      ([, name]) => this.#hasPackage(name.packagePath) && this.#linked(name).length === 0,
    );
    for (const [name] of names) this.#searched.set(name, []);
    names.clear();
    const qualified = present.map(([, name]) => name);
    const found = searchByName(this.#types, qualified, searchAreas(this.#types, this.#moduledata));
    for (const [name, addresses] of found) this.#searched.set(name, addresses);
  }
}

/**
 * From Go 1.27 on the types start with the descriptors of unnamed types, then come those of named types and the
 * texts, last the itabs: dodataSect in cmd/link/internal/ld/data.go of the Go distribution.
 */
function searchAreas({ start, end }: Descriptors, { typeDescriptors, itabs }: Moduledata): SearchAreas {
  if (!typeDescriptors || !itabs) return { texts: { start, end }, descriptors: { start, end } };
  const within = (address: number) => Math.min(Math.max(address, start), end);
  const unnamedEnd = within(typeDescriptors.address + typeDescriptors.length);
  return {
    texts: { start: unnamedEnd, end },
    descriptors: { start, end: within(itabs.address) },
    pointers: { start, end: unnamedEnd },
  };
}
