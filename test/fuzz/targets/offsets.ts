import { BadOffsets, parseOffsets } from "../../../src/offsets/table.ts";
import { bufferSubject, type Target } from "../support/target.ts";

const sample = {
  schema: 1,
  modules: {
    std: {
      versions: ["1.21.0", "1.21.1", "1.22.0-rc.1", "1.22.0"],
      fields: {
        "net/http.Request.Method": [["1.21.0", 0]],
        "net/http.Request.ctx": [
          ["1.21.0", 232],
          ["1.22.0", 248],
        ],
        "net/http.Request.Pattern": [
          ["1.21.0", null],
          ["1.22.0", 232],
        ],
      },
      arm64: { "runtime.g.goid": [["1.21.0", 152]] },
    },
    "google.golang.org/grpc": {
      versions: ["1.60.0", "1.69.0"],
      fields: {
        "google.golang.org/grpc/internal/transport.Stream.id": [
          ["1.60.0", 0],
          ["1.69.0", null],
        ],
      },
    },
  },
};

export const target: Target = {
  name: "offsets.json",
  isRefusal: (error) => error instanceof BadOffsets,
  subjects: () => [bufferSubject(Buffer.from(JSON.stringify(sample)), read)],
};

function read(bytes: Buffer): void {
  const table = parseOffsets(bytes.toString("utf8"));
  for (const [field, version] of [
    ["net/http.Request.ctx", "1.22.3"],
    ["google.golang.org/grpc/internal/transport.Stream.id", "1.65.0"],
    ["runtime.g.goid", "1.20.0"],
  ] as const) {
    const module = table.moduleOf(field.slice(0, field.lastIndexOf("."))) ?? "std";
    for (const arch of ["amd64", "arm64"] as const) {
      const answer = table.lookUp(module, { text: version, published: true }, arch, field);
      if (answer && !(answer.offset >= 0 && answer.offset <= 0xffff))
        throw new Error(`${field}: ${answer.offset}`);
    }
  }
  table.newest();
}
