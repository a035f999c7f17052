import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { openDebugTypes } from "../../src/binary/dwarf/index.ts";
import type { StructType } from "../../src/binary/types.ts";
import { buildGo, type GoBuild, goVersions, serverSource } from "../fixtures/go-binaries.ts";
import { elfSections } from "./dwarf-sections.ts";

const builds: readonly [string, Omit<GoBuild, "source">][] = [
  ...goVersions.map((go): [string, Omit<GoBuild, "source">] => [`Go ${go}`, { go }]),
  ["arm64", { go: "1.26.8", env: { GOARCH: "arm64" } }],
  ["uncompressed sections", { go: "1.26.8", flags: ["-ldflags=-compressdwarf=false"] }],
  [
    "units of a C compiler beside Go's",
    { go: "1.26.8", env: { CGO_ENABLED: "1" }, flags: ["-ldflags=-linkmode=external"] },
  ],
];

for (const [what, build] of builds) {
  test(`reads every struct as debug/dwarf does: ${what}`, async (t) => {
    const path = await buildGo({ ...build, source: serverSource });
    const types = openDebugTypes(elfSections(path));
    const expected = await structsByOracle(path);
    for (const layout of expected.values()) assert.deepEqual(types?.struct(layout.name), layout);
    assert.ok(expected.size > 1000, `${expected.size} structs`);
    t.diagnostic(`${expected.size} structs`);
  });
}

async function structsByOracle(path: string): Promise<ReadonlyMap<string, StructType>> {
  const oracle = await buildGo({ go: "1.26.8", source: join(import.meta.dirname, "dwarf-oracle") });
  const { stdout } = await promisify(execFile)(oracle, [path], { maxBuffer: 1 << 28 });
  const structs = new Map<string, StructType>();
  for (const line of stdout.trim().split("\n")) {
    const layout = fromGoLinker(JSON.parse(line));
    if (!structs.has(layout.name)) structs.set(layout.name, layout);
  }
  return structs;
}

/** Without the linker's own spelling: %2e in paths, "*" before the name of a pointer. */
function fromGoLinker(layout: StructType): StructType {
  const plain = (name: string) => name.replaceAll("%2e", ".");
  const fields = layout.fields.map((field) => ({
    ...field,
    name: plain(field.name),
    typeName: plain(field.typeName).replace(/^\*+/, ""),
  }));
  return { ...layout, name: plain(layout.name), fields };
}
