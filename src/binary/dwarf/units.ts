// DWARF 5, 7.5.1: https://dwarfstd.org/doc/DWARF5.pdf
import { type Abbreviation, type Attribute, readAbbreviations } from "./abbreviations.ts";
import { Budget, Cursor } from "./cursor.ts";
import { type Encoding, readNumber, skipValue } from "./forms.ts";
import { asBuffer, readString, type Sections } from "./strings.ts";

/** A compilation unit. Its bytes start at its header. */
export interface Unit {
  readonly bytes: Buffer;
  /** Offset of the header in .debug_info: references count from there or from the section's start. */
  readonly offset: number;
  /** Index of the first entry in `bytes`. */
  readonly firstEntry: number;
  readonly encoding: Encoding;
  readonly abbreviations: ReadonlyMap<number, Abbreviation>;
}

const tagCompileUnit = 0x11;
const attributeName = 0x03;
/** DW_UT_compile; units of the other types hold no Go code. */
const compileUnit = 1;

/** Go has one table of about 250 attributes; each unit of a C compiler has its own, of which one entry is read. */
const maxAttributes = 1_000_000;
/** Go has one unit a package and one for each of its assembly files. */
const maxUnits = 1024;
/** Of all names. Browsers in C++ have about 30,000. */
const maxHeaders = 200_000;

/**
 * The compilation units of that name, copied out of .debug_info so that the section (many MB) can be freed. Only
 * the headers and names of the others are read.
 */
export function unitsNamed(name: string, info: Uint8Array, sections: Sections): readonly Unit[] {
  const section = asBuffer(sections(".debug_abbrev") ?? new Uint8Array());
  const attributes = new Budget(maxAttributes, "attributes");
  const unitCount = new Budget(maxUnits, "units of one name");
  const cursor = new Cursor(asBuffer(info));
  const units: Unit[] = [];
  const headers = new Budget(maxHeaders, "units");
  while (cursor.at < cursor.bytes.length) {
    headers.take(1);
    const header = readHeader(cursor);
    if (!header) continue;
    const abbreviations = () =>
      readAbbreviations(section, header.abbreviationsOffset, header.encoding, attributes);
    if (unitName(header, abbreviations(), sections) !== name) continue;
    unitCount.take(1);
    units.push({ ...header, bytes: Buffer.from(header.bytes), abbreviations: new Map(abbreviations()) });
  }
  return units;
}

type Header = Omit<Unit, "abbreviations"> & { readonly abbreviationsOffset: number };

/** Reads a unit's header and moves behind the unit; undefined when the unit isn't one that Go writes. */
function readHeader(cursor: Cursor): Header | undefined {
  const offset = cursor.at;
  const length = cursor.uint(4);
  const offsetSize = length === 0xffffffff ? 8 : 4;
  const size = offsetSize === 8 ? cursor.u64() : length;
  const inside = new Cursor(cursor.bytes, cursor.at);
  cursor.skip(size);
  const version = inside.u16();
  if (version < 2 || version > 5) return undefined;
  const type = version === 5 ? inside.u8() : compileUnit;
  if (type !== compileUnit) return undefined;
  const readOffset = () => (offsetSize === 8 ? inside.u64() : inside.uint(4));
  const early = version === 5 ? inside.u8() : undefined;
  const abbreviationsOffset = readOffset();
  const addressSize = early ?? inside.u8();
  const bytes = cursor.bytes.subarray(offset, cursor.at);
  const encoding = { version, addressSize, offsetSize };
  return { bytes, offset, firstEntry: inside.at - offset, encoding, abbreviationsOffset };
}

function unitName(
  header: Header,
  abbreviations: Iterable<[code: number, Abbreviation]>,
  sections: Sections,
): string | undefined {
  const cursor = new Cursor(header.bytes, header.firstEntry);
  const wanted = cursor.uleb();
  for (const [code, abbreviation] of abbreviations) {
    if (code !== wanted) continue;
    if (abbreviation.tag !== tagCompileUnit) return undefined;
    return readEntryString(cursor, abbreviation, attributeName, header.encoding, sections);
  }
  return undefined;
}

/** A string attribute of the entry whose attributes start at the cursor. Moves the cursor. */
export function readEntryString(
  cursor: Cursor,
  abbreviation: Abbreviation,
  name: number,
  encoding: Encoding,
  sections: Sections,
): string | undefined {
  const attribute = moveTo(cursor, abbreviation, name);
  return attribute && readString(cursor, attribute.form, encoding, sections);
}

/** As readEntryString, for a number. */
export function readEntryNumber(
  cursor: Cursor,
  abbreviation: Abbreviation,
  name: number,
  encoding: Encoding,
): number | undefined {
  const attribute = moveTo(cursor, abbreviation, name);
  return attribute && readNumber(cursor, attribute.form, encoding);
}

function moveTo(cursor: Cursor, abbreviation: Abbreviation, name: number): Attribute | undefined {
  for (const attribute of abbreviation.attributes) {
    if (attribute.name === name) return attribute;
    skipValue(cursor, attribute.skip);
  }
  return undefined;
}
