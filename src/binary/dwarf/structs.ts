import { BadBinary } from "../bad-binary.ts";
import type { StructField, StructType } from "../types.ts";
import { Budget, Cursor } from "./cursor.ts";
import { attribute, homeOf, nameOf, numberOf, readAbbreviation, referenceOf, tag } from "./entries.ts";
import { skipValue } from "./forms.ts";
import type { Sections } from "./strings.ts";
import type { Unit } from "./units.ts";

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
    if (depth === 1 && abbreviation.tag === tag.structure) {
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
  const size = numberOf(unit, at, attribute.byteSize);
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
    if (member.tag !== tag.member || member.hasChildren)
      throw new BadBinary("a struct in the DWARF data is odd");
    for (const skip of member.skips) skipValue(cursor, skip);
    const offset = numberOf(unit, start, attribute.memberLocation);
    if (offset === undefined) throw new BadBinary("a field in the DWARF data has no offset");
    fields.push({
      name: nameOf(unit, start, sections) ?? "",
      offset,
      typeName: typeNameOf(unit, start, units, sections),
      embedded: numberOf(unit, start, attribute.goEmbedded) === 1,
    });
  }
}

/** "net/url.URL" for a field of that type and for a pointer to it; "" when the type is out of reach. */
function typeNameOf(unit: Unit, field: number, units: readonly Unit[], sections: Sections): string {
  const home = homeOf(units, referenceOf(unit, field, attribute.type));
  const name = home && nameOf(home.unit, home.at, sections);
  return name?.replace(/^\*+/, "") ?? "";
}
