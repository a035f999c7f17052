import { goValue } from "./fact.ts";

const file = "src/debug/buildinfo/buildinfo.go";
const before118 = "src/cmd/go/internal/version/version.go";

/** Where the blob starts. The last release that looked for one every 32 bytes was Go 1.17. */
export const magic = goValue({
  value: "\xff Go buildinf:",
  says: {
    17: { file: before118, pattern: /buildInfoMagic = \[\]byte\("(.*)"\)/ },
    18: { file, pattern: /buildInfoMagic = \[\]byte\("(.*)"\)/ },
  },
  file,
  line: 58,
});

export const alignment = goValue({
  value: 16,
  says: { 17: null, 18: { file, pattern: /buildInfoAlign += (\d+)/ } },
  file,
  line: 61,
});

export const headerSize = goValue({
  value: 32,
  says: { 17: null, 18: { file, pattern: /buildInfo(?:Header)?Size += (\d+)/ } },
  file,
  line: 62,
});

export const pointerSizeAt = goValue({
  value: 14,
  says: {
    17: { file: before118, pattern: /ptrSize := int\(data\[(\d+)\]\)/ },
    18: { file, pattern: /ptrSize(?: := int\(data\[|Offset += )(\d+)/ },
  },
  file,
  line: 192,
});

export const flagsAt = goValue({
  value: 15,
  says: { 17: null, 18: { file, pattern: /(?:if data\[|flagsOffset += )(\d+)/ } },
  file,
  line: 193,
});

/** Flag of a blob whose header is followed by the texts. */
export const inlineFlag = goValue({
  value: 0x2,
  says: { 17: null, 18: { file, pattern: /(?:if data\[15\]&|flagsVersionInl += )(\w+)/ } },
  file,
  line: 202,
});

/** Where the header of another blob has the address of the version's text; the address of the modules' follows. */
export const versionPointerAt = goValue({
  value: 16,
  says: {
    17: { file: before118, pattern: /readPtr\(data\[(\d+):\]\)/ },
    18: { file, pattern: /(?:readPtr\(data\[|versPtrOffset += )(\d+)/ },
  },
  file,
  line: 194,
});

/** Size of each of the marks around the modules' text. */
export const markSize = goValue({
  value: 16,
  says: {
    17: { file: before118, pattern: /mod = mod\[(\d+) : len\(mod\)-\1\]/ },
    18: { file, pattern: /mod = mod\[(\d+) : len\(mod\)-\1\]/ },
  },
  file,
  line: 265,
});
