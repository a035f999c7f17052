// DWARF 5, 7.5.5, class string: https://dwarfstd.org/doc/DWARF5.pdf
import { Cursor } from "./cursor.ts";
import { type Encoding, readNumber } from "./forms.ts";

export type Sections = (name: string) => Uint8Array | undefined;

const inline = 0x08;
const strp = 0x0e;
const lineStrp = 0x1f;
const strx: ReadonlySet<number> = new Set([0x1a, 0x25, 0x26, 0x27, 0x28]);
/** Where a unit's offsets start when it doesn't say: behind the header of the first table (7.26). */
const firstOffset = 8;

/** A string, wherever its form says that it stands; undefined when it stands in another file or is no name of Go. */
export function readString(
  cursor: Cursor,
  form: number,
  encoding: Encoding,
  sections: Sections,
): string | undefined {
  if (form === inline) return cursor.peekString();
  if (form === strp) return stringAt(sections(".debug_str"), readNumber(cursor, form, encoding));
  if (form === lineStrp) return stringAt(sections(".debug_line_str"), readNumber(cursor, form, encoding));
  if (!strx.has(form)) return undefined;
  const offsets = sections(".debug_str_offsets");
  if (!offsets) return undefined;
  const entry = firstOffset + readNumber(cursor, form, encoding) * encoding.offsetSize;
  const offset = new Cursor(asBuffer(offsets), entry).uint(4);
  return stringAt(sections(".debug_str"), offset);
}

function stringAt(section: Uint8Array | undefined, offset: number): string | undefined {
  return section && new Cursor(asBuffer(section), offset).peekString();
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
