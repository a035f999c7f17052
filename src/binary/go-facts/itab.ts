import { goStruct } from "./fact.ts";

/** The pair of an interface and a type that implements it; `Fun` is as long as the interface has methods. */
export const itab = goStruct({
  struct: { 17: "runtime.itab", 23: "internal/abi.ITab" },
  file: "src/internal/abi/iface.go",
  line: 17,
  size: 32,
  fields: {
    Inter: { at: 0, bytes: 8, name: { 17: "inter", 23: "Inter" }, line: 18 },
    Type: { at: 8, bytes: 8, name: { 17: "_type", 23: "Type" }, line: 19 },
    Fun: { at: 24, bytes: 8, name: { 17: "fun", 23: "Fun" }, line: 21 },
  },
});
