/** Single attributes of debugging information entries: DWARF 5, 7.5, https://dwarfstd.org/doc/DWARF5.pdf */
import { BadBinary } from "../bad-binary.ts";
import type { Abbreviation } from "./abbreviations.ts";
import { Cursor } from "./cursor.ts";
import type { Sections } from "./strings.ts";
import { readEntryNumber, readEntryString, type Unit } from "./units.ts";

/** Table 7.3. */
export const tag = {
  array: 0x01,
  formalParameter: 0x05,
  member: 0x0d,
  pointer: 0x0f,
  structure: 0x13,
  subroutine: 0x15,
  typedef: 0x16,
  subrange: 0x21,
  subprogram: 0x2e,
} as const;

/** Table 7.5; from 0x2900 on they are Go's own, cmd/internal/dwarf. */
export const attribute = {
  name: 0x03,
  byteSize: 0x0b,
  lowPc: 0x11,
  inline: 0x20,
  abstractOrigin: 0x31,
  count: 0x37,
  memberLocation: 0x38,
  type: 0x49,
  variableParameter: 0x4b,
  addressBase: 0x73,
  goKind: 0x2900,
  goElem: 0x2902,
  goEmbedded: 0x2903,
} as const;

/** The unit that an offset of .debug_info lies in, and the index there. */
export function homeOf(
  units: readonly Unit[],
  offset: number,
): { readonly unit: Unit; readonly at: number } | undefined {
  const unit = units.find((it) => offset >= it.offset && offset < it.offset + it.bytes.length);
  return unit && { unit, at: offset - unit.offset };
}

/** What an attribute refers to, as an offset of .debug_info; -1 for nothing. */
export function referenceOf(unit: Unit, at: number, attribute: number): number {
  const { cursor, abbreviation } = open(unit, at);
  const form = abbreviation.attributes.find(({ name }) => name === attribute)?.form ?? 0;
  const offset = readEntryNumber(cursor, abbreviation, attribute, unit.encoding);
  const isRelativeToUnit = form >= 0x11 && form <= 0x15; // ref1, ref2, ref4, ref8, ref_udata
  if (offset === undefined) return -1;
  return isRelativeToUnit ? unit.offset + offset : offset;
}

export function nameOf(unit: Unit, at: number, sections: Sections): string | undefined {
  const { cursor, abbreviation } = open(unit, at);
  const name = readEntryString(cursor, abbreviation, attribute.name, unit.encoding, sections);
  return name && unescapePath(name);
}

export function numberOf(unit: Unit, at: number, attribute: number): number | undefined {
  const { cursor, abbreviation } = open(unit, at);
  return readEntryNumber(cursor, abbreviation, attribute, unit.encoding);
}

export function open(unit: Unit, at: number): { cursor: Cursor; abbreviation: Abbreviation } {
  const cursor = new Cursor(unit.bytes, at);
  const abbreviation = readAbbreviation(cursor, unit);
  if (!abbreviation) throw new BadBinary("a reference in the DWARF data leads nowhere");
  return { cursor, abbreviation };
}

/** The shape of the entry at the cursor, which moves to the entry's attributes; undefined for the end of a list. */
export function readAbbreviation(cursor: Cursor, unit: Unit): Abbreviation | undefined {
  const code = cursor.uleb();
  if (code === 0) return undefined;
  const abbreviation = unit.abbreviations.get(code);
  if (!abbreviation) throw new BadBinary(`the DWARF data has no abbreviation ${code}`);
  return abbreviation;
}

/** Go's linker writes the dots of a path's last element, and other odd bytes, as %2e: cmd/internal/objabi, PathToPrefix. */
export function unescapePath(name: string): string {
  if (!name.includes("%")) return name;
  return name.replace(/%([0-9a-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
