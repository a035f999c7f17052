import { goValue } from "./fact.ts";

const file = "src/cmd/link/internal/ld/data.go";

/** Names of sections of an executable, and of a note, that Go's linker gives. */
export const sections = {
  buildInfo: goValue({
    value: ".go.buildinfo",
    says: {
      17: { file: "src/cmd/go/internal/version/exe.go", pattern: /s\.Name == "(\.go\.buildinfo)"/ },
      18: { file: "src/debug/buildinfo/buildinfo.go", pattern: /s\.Name == "(\.go\.buildinfo)"/ },
    },
    file: "src/debug/buildinfo/buildinfo.go",
    line: 457,
  }),
  functionTable: goValue({
    value: ".gopclntab",
    says: {
      17: { file, pattern: /genrelrosecname\("(\.gopclntab)"\)/ },
      26: { file, pattern: /segro, "(\.gopclntab)"/ },
    },
    file,
    line: 2159,
  }),
  /** Goes before the name where the section is in data that the loader relocates: PIE, up to Go 1.25. */
  relocatedPrefix: goValue({
    value: ".data.rel.ro",
    says: { file, pattern: /return "(\.data\.rel\.ro)" \+ suffix/ },
    file,
    line: 2210,
  }),
  moduledata: goValue({
    value: ".go.module",
    says: { 17: null, 26: { file, pattern: /&Segdata, "(\.go\.module)"/ } },
    file,
    line: 1952,
  }),
  /** Up to Go 1.25 the module data is in it. */
  noPointers: goValue({
    value: ".noptrdata",
    says: { file, pattern: /&Segdata, "(\.noptrdata)"/ },
    file,
    line: 1973,
  }),
};

/** Type of the note "Go" that has Go's build id. */
export const buildIdNote = goValue({
  value: 4,
  says: { file: "src/cmd/internal/buildid/note.go", pattern: /elfGoBuildIDTag = (\d+)/ },
  file: "src/cmd/internal/buildid/note.go",
  line: 98,
});
