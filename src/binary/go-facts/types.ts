import { goStruct, goValue } from "./fact.ts";

const file = "src/internal/abi/type.go";

/** What every type descriptor starts with. */
export const type = goStruct({
  struct: { 17: "runtime._type", 21: "internal/abi.Type" },
  file,
  line: 21,
  size: 48,
  fields: {
    Size_: { at: 0, bytes: 8, name: { 17: "size", 21: "Size_" }, line: 22 },
    TFlag: { at: 20, bytes: 1, name: { 17: "tflag", 21: "TFlag" }, line: 25 },
    Kind_: { at: 23, bytes: 1, name: { 17: "kind", 21: "Kind_" }, line: 28 },
    Str: { at: 40, bytes: 4, name: { 17: "str", 21: "Str" }, line: 44 },
  },
});

/** Bits of `Type.TFlag`. */
export const flags = {
  uncommon: flag(1, "Uncommon", 102),
  extraStar: flag(2, "ExtraStar", 108),
  named: flag(4, "Named", 111),
};

function flag(value: number, name: string, line: number) {
  return goValue({
    value,
    says: { 17: `runtime.tflag${name}`, 21: `internal/abi.TFlag${name}` },
    file,
    line,
  });
}

/** Follows the descriptor of a type with a name or methods; the methods follow it. */
export const uncommonType = goStruct({
  struct: { 17: "runtime.uncommontype", 21: "internal/abi.UncommonType" },
  file,
  line: 230,
  size: 16,
  fields: {
    PkgPath: { at: 0, bytes: 4, name: { 17: "pkgpath", 21: "PkgPath" }, line: 231 },
    Mcount: { at: 4, bytes: 2, name: { 17: "mcount", 21: "Mcount" }, line: 232 },
  },
});

export const method = goStruct({
  struct: { 17: "runtime.method", 21: "internal/abi.Method" },
  file,
  line: 219,
  size: 16,
  fields: {},
});

export const imethod = goStruct({
  struct: { 17: "runtime.imethod", 21: "internal/abi.Imethod" },
  file,
  line: 264,
  size: 8,
  fields: {},
});

export const arrayType = goStruct({
  struct: { 17: "runtime.arraytype", 21: "internal/abi.ArrayType" },
  file,
  line: 270,
  size: 72,
  fields: {
    Elem: { at: 48, bytes: 8, name: { 17: "elem", 21: "Elem" }, line: 272 },
    Len: { at: 64, bytes: 8, name: { 17: "len", 21: "Len" }, line: 274 },
  },
});

export const chanType = goStruct({
  struct: { 17: "runtime.chantype", 21: "internal/abi.ChanType" },
  file,
  line: 299,
  size: 64,
  fields: { Elem: { at: 48, bytes: 8, name: { 17: "elem", 21: "Elem" }, line: 301 } },
});

export const ptrType = goStruct({
  struct: { 17: "runtime.ptrtype", 21: "internal/abi.PtrType" },
  file,
  line: 568,
  size: 56,
  fields: { Elem: { at: 48, bytes: 8, name: { 17: "elem", 21: "Elem" }, line: 570 } },
});

export const sliceType = goStruct({
  struct: { 17: "runtime.slicetype", 21: "internal/abi.SliceType" },
  file,
  line: 504,
  size: 56,
  fields: { Elem: { at: 48, bytes: 8, name: { 17: "elem", 21: "Elem" }, line: 506 } },
});

/** Its parameters' and results' types follow it, or its uncommon part. */
export const funcType = goStruct({
  struct: { 17: "runtime.functype", 21: "internal/abi.FuncType" },
  file,
  line: 520,
  size: 56,
  fields: {
    InCount: { at: 48, bytes: 2, name: { 17: "inCount", 21: "InCount" }, line: 522 },
    OutCount: { at: 50, bytes: 2, name: { 17: "outCount", 21: "OutCount" }, line: 523 },
  },
});

/** The bit of `OutCount` that is no part of the count. */
export const variadicBit = goValue({
  value: 15,
  says: {
    17: { file: "src/runtime/type.go", pattern: /outCount & \(1<<(\d+) - 1\)/ },
    21: { file, pattern: /OutCount & \(1<<(\d+) - 1\)/ },
  },
  file,
  line: 535,
});

export const interfaceType = goStruct({
  struct: { 17: "runtime.interfacetype", 21: "internal/abi.InterfaceType" },
  file,
  line: 472,
  size: 80,
  fields: { Methods: { at: 56, bytes: 24, name: { 17: "mhdr", 21: "Methods" }, line: 475 } },
});

export const structType = goStruct({
  struct: { 17: "runtime.structtype", 21: "internal/abi.StructType" },
  file,
  line: 583,
  size: 80,
  fields: { Fields: { at: 56, bytes: 24, name: { 17: "fields", 21: "Fields" }, line: 586 } },
});

export const structField = goStruct({
  struct: { 17: "runtime.structfield", 21: "internal/abi.StructField" },
  file,
  line: 573,
  size: 24,
  fields: {
    Name: { at: 0, bytes: 8, name: { 17: "name", 21: "Name" }, line: 574 },
    Typ: { at: 8, bytes: 8, name: { 17: "typ", 21: "Typ" }, line: 575 },
    Offset: { at: 16, bytes: 8, name: { 17: "offsetAnon", 19: "offset", 21: "Offset" }, line: 576 },
  },
});

/** How far the offset is shifted in `StructField.Offset`, whose lowest bit then says that the field is embedded. */
export const offsetShift = goValue({
  value: { 17: 1, 19: null },
  says: { 17: { file: "src/runtime/type.go", pattern: /f\.offsetAnon >> (\d+)/ }, 19: null },
  file: "src/runtime/type.go",
  release: "go1.18.10",
  line: 415,
});

/** Where a name has its length, as a varint; the text follows, and one byte of flags is before it. */
export const nameLengthAt = goValue({
  value: 1,
  says: {
    17: { file: "src/reflect/type.go", pattern: /:= n\.readVarint\((\d+)\)/ },
    21: { file, pattern: /:= n\.ReadVarint\((\d+)\)/ },
  },
  file,
  line: 664,
});

/** The bit of a name's first byte that says so from Go 1.19 on. */
export const embeddedBit = goValue({
  value: 3,
  says: {
    17: null,
    19: { file: "src/reflect/type.go", pattern: /embedded\(\) bool \{\n.*\(1<<(\d+)\)/ },
    21: { file, pattern: /IsEmbedded\(\) bool \{\n.*\(1<<(\d+)\)/ },
  },
  file,
  line: 643,
});
