import { BadBinary } from "../bad-binary.ts";
import { type GoType, kindsByNumber, pointerTo, sliceOf, type TypedField } from "../go-type.ts";
import type { Descriptors } from "./descriptor.ts";
import { fullName } from "./names.ts";
import { structLayout } from "./struct-layout.ts";

/** The type whose descriptor is at this address. Throws BadBinary. */
export function goTypeAt(types: Descriptors, address: number): GoType {
  const kind = kindsByNumber[types.kind(address)];
  if (kind === undefined) throw new BadBinary("a type is of an unknown kind");
  const name = fullName(types, address);
  const size = types.size(address);
  const elem = orUndefined(() => goTypeAt(types, types.elem(address)));
  switch (kind) {
    case "interface":
      return { name, kind: types.methods(address).length === 0 ? "any" : kind, size };
    case "pointer":
      return pointerTo(name, elem);
    case "slice":
      return sliceOf(name, elem);
    case "array":
      return { name, kind, size, elem, length: types.arrayLength(address) };
    case "struct":
      return { name, kind, size, fields: () => fieldsOf(types, address, name) };
    default:
      return { name, kind, size };
  }
}

function fieldsOf(types: Descriptors, address: number, name: string): readonly TypedField[] {
  return structLayout(types, address, name).fields.map((field) => ({
    name: field.name,
    offset: field.offset,
    embedded: field.embedded,
    type: field.type === undefined ? undefined : orUndefined(() => goTypeAt(types, field.type as number))(),
  }));
}

function orUndefined<T>(read: () => T): () => T | undefined {
  return () => {
    try {
      return read();
    } catch (error) {
      if (error instanceof BadBinary) return undefined;
      throw error;
    }
  };
}
