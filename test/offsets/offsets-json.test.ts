// offsets.json against what real builds say of themselves, in DWARF and in their runtime types.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fieldsOf } from "../../scripts/offsets/fields.ts";
import { openGoBinary } from "../../src/binary/index.ts";
import type { GoBinary } from "../../src/binary/types.ts";
import { libraries } from "../../src/generated/registry.ts";
import { parseOffsets } from "../../src/offsets/table.ts";
import { versionOf } from "../../src/offsets/version.ts";
import { everyGoVersion, goVersions } from "../fixtures/go-binaries.ts";
import { buildServer, type ServerBuild } from "./http2/build.ts";

const table = parseOffsets(readFileSync(join(import.meta.dirname, "../../offsets.json"), "utf8"));
const fields = fieldsOf(libraries);
const arm64 = { GOARCH: "arm64" };
const oldestNet = "v0.1.0";

const some: readonly ServerBuild[] = [
  ...goVersions.map((go) => ({ go, net: oldestNet })),
  { go: "1.22.12", net: oldestNet, env: arm64 },
  { go: "1.24.13", net: oldestNet, env: { GOEXPERIMENT: "noswissmap" } },
  { go: "1.22.12", net: "v0.17.0" },
  { go: "1.24.13", net: "v0.35.0" },
  { go: "1.26.8", net: "v0.58.0" },
];
/** A patch release that moved fields, candidates between which they moved back, and the first of its minor. */
const moving = ["1.26.10", "1.27rc1", "1.27rc3", "1.21.0", "1.20"];
const every: readonly ServerBuild[] = [
  ...some,
  ...[...everyGoVersion, ...moving].flatMap((go) => [
    { go, net: oldestNet },
    { go, net: oldestNet, env: arm64 },
  ]),
  ...["v0.5.0", "v0.25.0", "v0.47.0", "v0.62.0"].map((net) => ({ go: "1.26.11", net, env: arm64 })),
];

for (const build of process.env.OTEL_GO_AUTO_FULL === "1" ? every : some) {
  const { go, net, env = {} } = build;
  test(`says what a program does: Go ${go}, x/net ${net} ${JSON.stringify(env)}`, async (t) => {
    const binary = openGoBinary(await buildServer(build));
    t.after(() => binary.close());
    const std = compare(binary, "std");
    const module = compare(binary, "golang.org/x/net");
    t.diagnostic(`${std + module} fields compared`);
    assert.ok(std >= 20, `${std} of Go`);
    // With Go 1.27 the module is only a door to Go's own.
    assert.ok(module >= 3 || go.startsWith("1.27"), `${module} of golang.org/x/net`);
  });
}

/** Each field whose struct the program describes is where the table says, or in both not there. */
function compare(binary: GoBinary, module: string): number {
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
  return compared;
}

function descriptions({ debug, types }: GoBinary) {
  return [
    ["DWARF", debug],
    ["runtime types", types],
  ] as const;
}
