// StructType and StructField in internal/abi/type.go of the Go distribution.
import type { Descriptors } from "./descriptor.ts";
import { pointedName } from "./type-names.ts";
import type { StructField, StructType } from "./types.ts";

const fieldSize = 24;
const embeddedFlag = 8;

export function structLayout(types: Descriptors, address: number, name: string): StructType {
  const list = types.list(address, fieldSize);
  const fields = Array.from({ length: list.length }, (_, i) =>
    readField(types, list.address + i * fieldSize),
  );
  return { name, size: types.size(address), fields };
}

function readField(types: Descriptors, address: number): StructField {
  const { text, flags } = types.name(types.memory.pointer(address));
  const typeName = pointedName(types, types.check(types.memory.pointer(address + 8)));
  const offset = types.memory.u64(address + 16);
  // Up to Go 1.18 the lowest bit says whether the field is embedded; later a bit of the name does.
  if (types.minor <= 18)
    return { name: text, offset: Math.floor(offset / 2), typeName, embedded: offset % 2 === 1 };
  return { name: text, offset, typeName, embedded: (flags & embeddedFlag) !== 0 };
}
