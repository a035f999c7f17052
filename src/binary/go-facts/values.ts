import { goStruct, goValue } from "./fact.ts";

/** Of every program that is read here. */
export const pointerSize = goValue({
  value: 8,
  says: { 17: "runtime/internal/sys.PtrSize", 18: "internal/goarch.PtrSize" },
  file: "src/internal/goarch/goarch.go",
  line: 35,
});

export const goString = goStruct({
  struct: "runtime.stringStruct",
  file: "src/runtime/string.go",
  line: 291,
  size: 16,
  fields: {
    data: { at: 0, bytes: 8, name: "str", line: 292 },
    length: { at: 8, bytes: 8, name: "len", line: 293 },
  },
});

export const goSlice = goStruct({
  struct: "runtime.slice",
  file: "src/runtime/slice.go",
  line: 16,
  size: 24,
  fields: {
    data: { at: 0, bytes: 8, name: "array", line: 17 },
    length: { at: 8, bytes: 8, name: "len", line: 18 },
  },
});

/** An interface with methods. */
export const iface = goStruct({
  struct: "runtime.iface",
  file: "src/runtime/runtime2.go",
  line: 184,
  size: 16,
  fields: {
    tab: { at: 0, bytes: 8, line: 185 },
    data: { at: 8, bytes: 8, line: 186 },
  },
});

/** An interface without. */
export const eface = goStruct({
  struct: "runtime.eface",
  file: "src/runtime/runtime2.go",
  line: 189,
  size: 16,
  fields: {
    type: { at: 0, bytes: 8, name: "_type", line: 190 },
    data: { at: 8, bytes: 8, line: 191 },
  },
});
