import { goStruct, goValue } from "./fact.ts";

const before127 = { release: "go1.26.8" } as const;

/** The runtime's table of contents of a program. */
export const moduledata = goStruct({
  struct: "runtime.moduledata",
  file: "src/runtime/symtab.go",
  line: 402,
  fields: {
    pcHeader: { at: 0, bytes: 8, line: 405 },
    funcnametab: { at: 8, bytes: 24, line: 406 },
    cutab: { at: 32, bytes: 24, line: 407 },
    pclntable: { at: 104, bytes: 24, line: 410 },
    ftab: { at: 128, bytes: 24, line: 411 },
    text: { at: 176, bytes: 8, line: 415 },
    etext: { at: 184, bytes: 8, line: 415 },
    types: { at: { 17: 280, 20: 296 }, bytes: 8, line: 422 },
    etypes: { at: { 17: 288, 20: 304, 27: 312 }, bytes: 8, line: 422 },
    typedesclen: { at: { 17: null, 27: 304 }, bytes: 8, line: 422 },
    itaboffset: { at: { 17: null, 27: 320 }, bytes: 8, line: 423 },
    itabsize: { at: { 17: null, 27: 328 }, bytes: 8, line: 423 },
    textsectmap: { at: { 17: 296, 18: 312, 20: 328, 26: 336, 27: 360 }, bytes: 24, line: 428 },
    typelinks: { at: { 17: 320, 18: 336, 20: 352, 26: 360, 27: null }, bytes: 24, line: 428, ...before127 },
    itablinks: { at: { 17: 344, 18: 360, 20: 376, 26: 384, 27: null }, bytes: 24, line: 429, ...before127 },
  },
});

/** Where the linker put a part of the code that it had to split. */
export const textsect = goStruct({
  struct: "runtime.textsect",
  file: "src/runtime/symtab.go",
  line: 586,
  size: 24,
  fields: {
    vaddr: { at: 0, bytes: 8, line: 587 },
    /** Up to Go 1.17 the length, which nobody reads: there addresses are in the function table. */
    end: { at: 8, bytes: 8, name: { 17: "length", 18: "end" }, line: 588 },
    baseaddr: { at: 16, bytes: 8, line: 589 },
  },
});

/** What stands before the first of the type descriptors that lie one after the other: one pointer. */
export const beforeDescriptors = goValue({
  value: { 17: null, 27: "goarch.PtrSize" },
  says: { 17: null, 27: { file: "src/runtime/type.go", pattern: /\n\ttd \+= ([\w.]+)\n/ } },
  file: "src/runtime/type.go",
  line: 535,
});
