import { BadBinary } from "../bad-binary.ts";
import type { StructField, StructType } from "../types.ts";
import type { Abbreviation } from "./abbreviations.ts";
import { Budget, Cursor } from "./cursor.ts";
import { skipValue } from "./forms.ts";
import type { Sections } from "./strings.ts";
import { readEntryNumber, readEntryString, type Unit } from "./units.ts";

/** DWARF 5, table 7.3 and 7.5; the last is Go's own, cmd/internal/dwarf. */
const tagMember = 0x0d;
const tagStructure = 0x13;
const attributeName = 0x03;
const attributeByteSize = 0x0b;
const attributeMemberLocation = 0x38;
const attributeType = 0x49;
const attributeGoEmbedded = 0x2903;

/** A 700 MB program has some 100,000 structs of 40 letters. An entry of the index costs about 50 bytes beside them. */
const maxIndex = 32 * 1024 * 1024;
const indexEntry = 50;
/** The largest structs of real programs have some hundred fields. */
const maxFields = 10_000;

/** Names of all structs of a unit → index of the entry in the unit. Of two with one name the first counts. */
export function indexStructs(unit: Unit, sections: Sections): ReadonlyMap<string, number> {
  const index = new Map<string, number>();
  const room = new Budget(maxIndex, "structs");
  const cursor = new Cursor(unit.bytes, unit.firstEntry);
  for (let depth = 0; cursor.at < unit.bytes.length; ) {
    const start = cursor.at;
    const abbreviation = readAbbreviation(cursor, unit);
    if (!abbreviation) {
      depth--;
      if (depth <= 0) break;
      continue;
    }
    if (depth === 1 && abbreviation.tag === tagStructure) {
      const name = nameOf(unit, start, sections);
      room.take(indexEntry + (name?.length ?? 0));
      if (name !== undefined && !index.has(name)) index.set(name, start);
    }
    for (const skip of abbreviation.skips) skipValue(cursor, skip);
    if (abbreviation.hasChildren) depth++;
    else if (depth === 0) break;
  }
  return index;
}

/** The struct whose entry is at this index of `unit`. `units` hold the types of its fields. */
export function readStruct(
  unit: Unit,
  at: number,
  name: string,
  units: readonly Unit[],
  sections: Sections,
): StructType {
  const cursor = new Cursor(unit.bytes, at);
  const abbreviation = readAbbreviation(cursor, unit);
  if (!abbreviation) throw new BadBinary("a struct in the DWARF data is no entry");
  const size = numberOf(unit, at, attributeByteSize);
  if (size === undefined) throw new BadBinary(`the DWARF data gives no size for ${name}`);
  for (const skip of abbreviation.skips) skipValue(cursor, skip);
  const fields = abbreviation.hasChildren ? readFields(cursor, unit, units, sections) : [];
  return { name, size, fields };
}

function readFields(cursor: Cursor, unit: Unit, units: readonly Unit[], sections: Sections): StructField[] {
  const fields: StructField[] = [];
  const room = new Budget(maxFields, "fields");
  for (;;) {
    room.take(1);
    const start = cursor.at;
    const member = readAbbreviation(cursor, unit);
    if (!member) return fields;
    if (member.tag !== tagMember || member.hasChildren)
      throw new BadBinary("a struct in the DWARF data is odd");
    for (const skip of member.skips) skipValue(cursor, skip);
    const offset = numberOf(unit, start, attributeMemberLocation);
    if (offset === undefined) throw new BadBinary("a field in the DWARF data has no offset");
    fields.push({
      name: nameOf(unit, start, sections) ?? "",
      offset,
      typeName: typeNameOf(unit, start, units, sections),
      embedded: numberOf(unit, start, attributeGoEmbedded) === 1,
    });
  }
}

/** "net/url.URL" for a field of that type and for a pointer to it; "" when the type is out of reach. */
function typeNameOf(unit: Unit, field: number, units: readonly Unit[], sections: Sections): string {
  const offset = referenceOf(unit, field);
  const home = units.find((it) => offset >= it.offset && offset < it.offset + it.bytes.length);
  const name = home && nameOf(home, offset - home.offset, sections);
  return name?.replace(/^\*+/, "") ?? "";
}

/** Where the field's type stands in .debug_info; -1 for nowhere. */
function referenceOf(unit: Unit, at: number): number {
  const { cursor, abbreviation } = open(unit, at);
  const form = abbreviation.attributes.find(({ name }) => name === attributeType)?.form ?? 0;
  const offset = readEntryNumber(cursor, abbreviation, attributeType, unit.encoding) ?? -1;
  const isRelativeToUnit = form >= 0x11 && form <= 0x15; // ref1, ref2, ref4, ref8, ref_udata
  return isRelativeToUnit ? unit.offset + offset : offset;
}

function nameOf(unit: Unit, at: number, sections: Sections): string | undefined {
  const { cursor, abbreviation } = open(unit, at);
  const name = readEntryString(cursor, abbreviation, attributeName, unit.encoding, sections);
  return name && unescapePath(name);
}

function numberOf(unit: Unit, at: number, attribute: number): number | undefined {
  const { cursor, abbreviation } = open(unit, at);
  return readEntryNumber(cursor, abbreviation, attribute, unit.encoding);
}

function open(unit: Unit, at: number): { cursor: Cursor; abbreviation: Abbreviation } {
  const cursor = new Cursor(unit.bytes, at);
  const abbreviation = readAbbreviation(cursor, unit);
  if (!abbreviation) throw new BadBinary("a reference in the DWARF data leads nowhere");
  return { cursor, abbreviation };
}

/** The shape of the entry at the cursor, which moves to the entry's attributes; undefined for the end of a list. */
function readAbbreviation(cursor: Cursor, unit: Unit): Abbreviation | undefined {
  const code = cursor.uleb();
  if (code === 0) return undefined;
  const abbreviation = unit.abbreviations.get(code);
  if (!abbreviation) throw new BadBinary(`the DWARF data has no abbreviation ${code}`);
  return abbreviation;
}

/** Go's linker writes the dots of a path's last element, and other odd bytes, as %2e: cmd/internal/objabi, PathToPrefix. */
function unescapePath(name: string): string {
  if (!name.includes("%")) return name;
  return name.replace(/%([0-9a-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
