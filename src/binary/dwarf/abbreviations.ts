// DWARF 5, 7.5.3: https://dwarfstd.org/doc/DWARF5.pdf
import { Budget, Cursor } from "./cursor.ts";
import { type Encoding, type Skip, skipOf } from "./forms.ts";

/** The shape of a debugging information entry. */
export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly Attribute[];
  /** The way from behind the entry's code to behind the entry, neighbours of fixed size taken together. */
  readonly skips: readonly Skip[];
}

export interface Attribute {
  readonly name: number;
  readonly form: number;
  readonly skip: Skip;
}

const implicitConstant = 0x21;
/** Go and C compilers write up to about 20. */
const maxAttributes = 256;

/** The abbreviations of the table that starts at `offset`, each behind its code. `budget` counts attributes. */
export function* readAbbreviations(
  section: Buffer,
  offset: number,
  encoding: Encoding,
  budget: Budget,
): Generator<[code: number, Abbreviation]> {
  const cursor = new Cursor(section, offset);
  for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
    const tag = cursor.uleb();
    const hasChildren = cursor.u8() !== 0;
    const attributes = readAttributes(cursor, encoding, budget);
    yield [code, { tag, hasChildren, attributes, skips: mergeSkips(attributes) }];
  }
}

function readAttributes(cursor: Cursor, encoding: Encoding, budget: Budget): readonly Attribute[] {
  const attributes: Attribute[] = [];
  const ofEntry = new Budget(maxAttributes, "attributes in one entry");
  for (;;) {
    ofEntry.take(1);
    budget.take(1);
    const name = cursor.uleb();
    const form = cursor.uleb();
    if (name === 0 && form === 0) return attributes;
    if (form === implicitConstant) cursor.skipLeb();
    attributes.push({ name, form, skip: skipOf(form, encoding) });
  }
}

function mergeSkips(attributes: readonly Attribute[]): readonly Skip[] {
  const merged: Skip[] = [];
  for (const { skip } of attributes) {
    const last = merged.at(-1);
    if (typeof skip === "number" && typeof last === "number") merged[merged.length - 1] = last + skip;
    else merged.push(skip);
  }
  return merged;
}
