import { bounded } from "../bad-binary.ts";
import { offsetsOf, valueAt } from "../go-facts/fact.ts";
import { embeddedBit, offsetShift, structField } from "../go-facts/types.ts";
import type { StructField, StructType } from "../types.ts";
import type { Descriptors } from "./descriptor.ts";
import { pointedName } from "./names.ts";

const { Name, Typ, Offset } = offsetsOf(structField);
const embeddedFlag = 1 << embeddedBit.value;

/** The largest structs of real programs have some hundred fields. */
const maxFields = 10_000;

export function structLayout(types: Descriptors, address: number, name: string): StructType {
  const shift = valueAt(offsetShift.value, types.minor);
  const list = types.fields(address);
  bounded(list.length, maxFields, "the number of fields");
  const fields = Array.from({ length: list.length }, (_, i) =>
    readField(types, list.address + i * structField.size, shift),
  );
  return { name, size: types.size(address), fields };
}

function readField(types: Descriptors, address: number, shift: number | undefined): StructField {
  const { text: name, flags } = types.name(types.memory.pointer(address + Name));
  const type = types.check(types.memory.pointer(address + Typ));
  const typeName = pointedName(types, type);
  const offset = types.memory.u64(address + Offset);
  if (shift === undefined) return { name, offset, typeName, embedded: (flags & embeddedFlag) !== 0, type };
  return { name, offset: Math.floor(offset / 2 ** shift), typeName, embedded: offset % 2 === 1, type };
}
