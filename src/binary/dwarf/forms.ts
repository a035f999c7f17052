// DWARF 5, 7.5.5 and 7.5.6: https://dwarfstd.org/doc/DWARF5.pdf
import { BadBinary } from "../bad-binary.ts";
import type { Cursor } from "./cursor.ts";

/** What the size of a form depends on. */
export interface Encoding {
  readonly version: number;
  readonly addressSize: number;
  /** 4, or 8 in the 64-bit format. */
  readonly offsetSize: number;
}

/** How to get behind a value: this many bytes, or one of the names. */
export type Skip = number | "leb" | "string" | "block1" | "block2" | "block4" | "block";

const addressForm = 0x01;
const referenceForm = 0x10;
/** strp, sec_offset, line_strp, and GNU's ref_alt and strp_alt. */
const offsetForms: ReadonlySet<number> = new Set([0x0e, 0x17, 0x1f, 0x1f20, 0x1f21]);

const skips: ReadonlyMap<number, Skip> = new Map<number, Skip>([
  [0x03, "block2"],
  [0x04, "block4"],
  [0x05, 2], // data2
  [0x06, 4], // data4
  [0x07, 8], // data8
  [0x08, "string"],
  [0x09, "block"],
  [0x0a, "block1"],
  [0x0b, 1], // data1
  [0x0c, 1], // flag
  [0x0d, "leb"], // sdata
  [0x0f, "leb"], // udata
  [0x11, 1], // ref1
  [0x12, 2], // ref2
  [0x13, 4], // ref4
  [0x14, 8], // ref8
  [0x15, "leb"], // ref_udata
  [0x18, "block"], // exprloc
  [0x19, 0], // flag_present
  [0x1a, "leb"], // strx
  [0x1b, "leb"], // addrx
  [0x1c, 4], // ref_sup4
  [0x1d, 8], // strp_sup
  [0x1e, 16], // data16
  [0x20, 8], // ref_sig8
  [0x21, 0], // implicit_const
  [0x22, "leb"], // loclistx
  [0x23, "leb"], // rnglistx
  [0x24, 8], // ref_sup8
  [0x25, 1], // strx1
  [0x26, 2], // strx2
  [0x27, 3], // strx3
  [0x28, 4], // strx4
  [0x29, 1], // addrx1
  [0x2a, 2], // addrx2
  [0x2b, 3], // addrx3
  [0x2c, 4], // addrx4
]);

export function skipOf(form: number, encoding: Encoding): Skip {
  if (form === addressForm) return encoding.addressSize;
  if (form === referenceForm) return encoding.version < 3 ? encoding.addressSize : encoding.offsetSize;
  if (offsetForms.has(form)) return encoding.offsetSize;
  const skip = skips.get(form);
  if (skip === undefined) throw new BadBinary(`the DWARF data has a form 0x${form.toString(16)}`);
  return skip;
}

export function skipValue(cursor: Cursor, skip: Skip): void {
  if (typeof skip === "number") cursor.skip(skip);
  else if (skip === "leb") cursor.skipLeb();
  else if (skip === "string") cursor.skipString();
  else if (skip === "block1") cursor.skip(cursor.u8());
  else if (skip === "block2") cursor.skip(cursor.u16());
  else if (skip === "block4") cursor.skip(cursor.uint(4));
  else cursor.skip(cursor.uleb());
}

/** The value of a constant, flag, reference or offset form. */
export function readNumber(cursor: Cursor, form: number, encoding: Encoding): number {
  const skip = skipOf(form, encoding);
  if (skip === "leb" && form !== 0x0d) return cursor.uleb();
  if (skip === 8) return cursor.u64();
  if (typeof skip === "number" && skip >= 1 && skip <= 4) return cursor.uint(skip);
  if (form === 0x19) return 1;
  throw new BadBinary(`the DWARF data has a number of form 0x${form.toString(16)}`);
}
