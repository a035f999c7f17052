import { goStruct, goValue } from "./fact.ts";

/** Start of the function table. */
export const pcHeader = goStruct({
  struct: "runtime.pcHeader",
  file: "src/runtime/symtab.go",
  line: 376,
  size: { 17: 64, 18: 72 },
  fields: {
    magic: { at: 0, bytes: 4, line: 377 },
    minLC: { at: 6, bytes: 1, line: 379 },
    ptrSize: { at: 7, bytes: 1, line: 380 },
    nfunc: { at: 8, bytes: 8, line: 381 },
    funcnameOffset: { at: { 17: 24, 18: 32 }, bytes: 8, line: 390 },
    cuOffset: { at: { 17: 32, 18: 40 }, bytes: 8, line: 391 },
  },
});

const comparison = { file: "src/runtime/symtab.go", pattern: /\n\tif hdr\.magic != (0x[0-9a-f]+) / };

export const magic = goValue({
  value: { 17: 0xfffffffa, 18: 0xfffffff0, 20: 0xfffffff1 },
  says: { 17: comparison, 26: "internal/abi.CurrentPCLnTabMagic" },
  file: "src/internal/abi/symtab.go",
  line: 34,
});

const quantum = {
  says: { 17: "runtime/internal/sys.PCQuantum", 18: "internal/goarch.PCQuantum" },
  file: "src/internal/goarch/goarch.go",
  line: 51,
} as const;

/** What the addresses of instructions are multiples of: pcHeader.minLC. */
export const pcQuantum = {
  amd64: goValue({ arch: "amd64", value: 1, ...quantum }),
  arm64: goValue({ arch: "arm64", value: 4, ...quantum }),
};

/** An entry of moduledata.ftab: addresses up to Go 1.17, since then offsets from the start of the code. */
export const functab = goStruct({
  struct: "runtime.functab",
  file: "src/runtime/symtab.go",
  line: 579,
  size: { 17: 16, 18: 8 },
  fields: {
    entry: { at: 0, bytes: { 17: 8, 18: 4 }, name: { 17: "entry", 18: "entryoff" }, line: 580 },
    funcoff: { at: { 17: 8, 18: 4 }, bytes: { 17: 8, 18: 4 }, line: 581 },
  },
});

/** What functab.funcoff leads to. */
export const func = goStruct({
  struct: "runtime._func",
  file: "src/runtime/runtime2.go",
  line: 1074,
  fields: {
    nameOff: { at: { 17: 8, 18: 4 }, bytes: 4, name: { 17: "nameoff", 20: "nameOff" }, line: 1078 },
  },
});
