import { goValue, type ValueFact } from "./fact.ts";

/** Kinds of types, in the lower bits of `Type.Kind_`. */
export const kinds = {
  bool: kind(1, "Bool", 54),
  int: kind(2, "Int", 55),
  int32: kind(5, "Int32", 58),
  int64: kind(6, "Int64", 59),
  uint: kind(7, "Uint", 60),
  uint32: kind(10, "Uint32", 63),
  uint64: kind(11, "Uint64", 64),
  float32: kind(13, "Float32", 66),
  float64: kind(14, "Float64", 67),
  array: kind(17, "Array", 70),
  chan: kind(18, "Chan", 71),
  func: kind(19, "Func", 72),
  interface: kind(20, "Interface", 73),
  map: kind(21, "Map", 74),
  pointer: kind(22, "Pointer", 75, "Ptr"),
  slice: kind(23, "Slice", 76),
  string: kind(24, "String", 77),
  struct: kind(25, "Struct", 78),
  /** The last one. */
  unsafePointer: kind(26, "UnsafePointer", 79),
};

function kind(value: number, name: string, line: number, older = name): ValueFact<number> {
  return goValue({
    value,
    says: { 17: `runtime.kind${older}`, 21: `internal/abi.${name}` },
    file: "src/internal/abi/type.go",
    line,
  });
}

/** The lowest bit of `Type.Kind_` that is no part of the kind. */
export const kindFlag = goValue({
  value: 32,
  says: { 17: "runtime.kindDirectIface", 21: "internal/abi.KindDirectIface" },
  file: "src/internal/abi/type.go",
  line: 131,
});
