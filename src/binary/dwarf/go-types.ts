/** Types of Go as cmd/link/internal/ld/dwarf.go writes them, with its own attributes for what DWARF lacks. */
import { BadBinary } from "../bad-binary.ts";
import { type GoType, kindsByNumber, maxDepth, pointerTo, sliceOf, type TypedField } from "../go-type.ts";
import { Budget, Cursor } from "./cursor.ts";
import { attribute, homeOf, nameOf, numberOf, open, readAbbreviation, referenceOf, tag } from "./entries.ts";
import { skipValue } from "./forms.ts";
import type { Sections } from "./strings.ts";
import type { Unit } from "./units.ts";

const word = 8;
/** The largest structs of real programs have some hundred fields. */
const maxFields = 10_000;
/** How interfaces without methods are laid out. */
const emptyInterface = "runtime.eface";

export class DebugGoTypes {
  readonly #units: readonly Unit[];
  readonly #sections: Sections;
  readonly #known = new Map<number, GoType | undefined>();

  /** `units` hold the types. */
  constructor(units: readonly Unit[], sections: Sections) {
    this.#units = units;
    this.#sections = sections;
  }

  /** The type at an offset of .debug_info; undefined when it is out of reach. Throws BadBinary. */
  at(offset: number, depth = 0): GoType | undefined {
    if (!this.#known.has(offset)) this.#known.set(offset, this.#read(offset, depth));
    return this.#known.get(offset);
  }

  #read(offset: number, depth: number): GoType | undefined {
    const home = homeOf(this.#units, offset);
    if (!home || depth > maxDepth) return undefined;
    const { unit, at } = home;
    const { abbreviation } = open(unit, at);
    const name = nameOf(unit, at, this.#sections) ?? "";
    const kind = kindsByNumber[numberOf(unit, at, attribute.goKind) ?? 0];
    const refers = (to: number) => this.at(referenceOf(unit, at, to), depth + 1);
    switch (kind) {
      case "interface":
        return { name, kind: refers(attribute.type)?.name === emptyInterface ? "any" : kind, size: 2 * word };
      case "pointer":
        return pointerTo(name, () => refers(attribute.type));
      case "map":
      case "chan":
      case "func":
        return { name, kind, size: word };
      case "slice":
        return sliceOf(name, () => refers(attribute.goElem));
      case "string":
        return { name, kind, size: 2 * word };
    }
    if (abbreviation.tag === tag.typedef) return refers(attribute.type);
    if (abbreviation.tag === tag.pointer) return pointerTo(name, () => refers(attribute.type));
    const size = numberOf(unit, at, attribute.byteSize);
    if (size === undefined) return undefined;
    if (abbreviation.tag === tag.structure)
      return { name, kind: "struct", size, fields: once(() => this.#fields(unit, at)) };
    if (kind === "array") return this.#array(unit, at, name, size);
    return kind && { name, kind, size };
  }

  #array(unit: Unit, at: number, name: string, size: number): GoType {
    const elem = () => this.at(referenceOf(unit, at, attribute.type));
    const range = childrenOf(unit, at, tag.subrange).next().value;
    const length = range === undefined ? undefined : numberOf(unit, range, attribute.count);
    return { name, kind: "array", size, elem, ...(length === undefined ? {} : { length }) };
  }

  #fields(unit: Unit, at: number): readonly TypedField[] {
    const fields: TypedField[] = [];
    for (const member of childrenOf(unit, at, tag.member)) {
      const offset = numberOf(unit, member, attribute.memberLocation);
      if (offset === undefined) throw new BadBinary("a field in the DWARF data has no offset");
      fields.push({
        name: nameOf(unit, member, this.#sections) ?? "",
        offset,
        embedded: numberOf(unit, member, attribute.goEmbedded) === 1,
        type: this.at(referenceOf(unit, member, attribute.type)),
      });
    }
    return fields;
  }
}

/** Indexes of the entry's own children of that tag. */
export function* childrenOf(unit: Unit, at: number, wanted: number): Generator<number, undefined> {
  const cursor = new Cursor(unit.bytes, at);
  const parent = readAbbreviation(cursor, unit);
  if (!parent?.hasChildren) return undefined;
  for (const skip of parent.skips) skipValue(cursor, skip);
  const room = new Budget(maxFields, "parts of one entry");
  for (let depth = 1; depth > 0; ) {
    room.take(1);
    const start = cursor.at;
    const child = readAbbreviation(cursor, unit);
    if (!child) {
      depth--;
      continue;
    }
    if (depth === 1 && child.tag === wanted) yield start;
    for (const skip of child.skips) skipValue(cursor, skip);
    if (child.hasChildren) depth++;
  }
  return undefined;
}

function once<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: read() };
    return known.value;
  };
}
