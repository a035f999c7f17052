// offsets.json against what real builds say of themselves, in DWARF and in their runtime types.
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fieldsOf } from "../../scripts/offsets/fields.ts";
import { openGoBinary } from "../../src/binary/index.ts";
import type { GoBinary } from "../../src/binary/types.ts";
import { libraries } from "../../src/generated/registry.ts";
import { parseOffsets } from "../../src/offsets/table.ts";
import { versionOf } from "../../src/offsets/version.ts";
import { buildGo, everyGoVersion, type GoBuild, goVersions, serverSource } from "../fixtures/go-binaries.ts";

const table = parseOffsets(readFileSync(join(import.meta.dirname, "../../offsets.json"), "utf8"));
const fields = fieldsOf(libraries);
const all = process.env.OTEL_GO_AUTO_FULL === "1";
const arm64 = { GOARCH: "arm64" };

const versions = all ? everyGoVersion : goVersions;
const builds: readonly Omit<GoBuild, "source">[] = [
  ...versions.map((go) => ({ go })),
  ...(all ? versions : ["1.22.12"]).map((go) => ({ go, env: arm64 })),
  { go: "1.24.13", env: { GOEXPERIMENT: "noswissmap" } },
];

for (const build of builds) {
  const { go, env = {} } = build;
  test(`says of Go ${go} what its programs do: ${JSON.stringify(env)}`, async (t) => {
    compare(t, await buildGo({ ...build, source: serverSource }), "std", 20);
  });
}

const modules = [
  { net: "v0.1.0", go: "1.22.12" },
  { net: "v0.17.0", go: "1.22.12" },
  { net: "v0.35.0", go: "1.24.13" },
  { net: "v0.58.0", go: "1.26.8" },
] as const;

for (const { net, go } of modules) {
  for (const env of all ? [{}, arm64] : [{}]) {
    test(`says of golang.org/x/net ${net} what its programs do: ${JSON.stringify(env)}`, async (t) => {
      const source = mkdtempSync(join(tmpdir(), "offsets-"));
      t.after(() => rmSync(source, { recursive: true }));
      writeFileSync(join(source, "go.mod"), `module app\n\ngo 1.17\n\nrequire golang.org/x/net ${net}\n`);
      copyFileSync(join(import.meta.dirname, "http2/app/main.go"), join(source, "main.go"));
      compare(t, await buildGo({ go, source, env, flags: ["-mod=mod"] }), "golang.org/x/net", 3);
    });
  }
}

/** Each field whose struct the program describes is where the table says, or in both not there. */
function compare(t: TestContext, path: string, module: string, atLeast: number): void {
  const binary = openGoBinary(path);
  t.after(() => binary.close());
  const version = versionOf(module, binary.buildInfo);
  assert.ok(version?.published);
  let compared = 0;
  for (const { full, packagePath, struct, field } of fields) {
    if (table.moduleOf(packagePath) !== module) continue;
    const said = table.lookUp(module, version, binary.arch, full);
    for (const [source, types] of descriptions(binary)) {
      const described = types?.struct(struct);
      if (!described) continue;
      const found = described.fields.find(({ name }) => name === field);
      assert.deepEqual([said?.offset, said?.exact ?? true], [found?.offset, true], `${full} by ${source}`);
      compared++;
    }
  }
  t.diagnostic(`${compared} fields compared`);
  assert.ok(compared >= atLeast, `${compared} fields compared`);
}

function descriptions({ debug, types }: GoBinary) {
  return [
    ["DWARF", debug],
    ["runtime types", types],
  ] as const;
}
