// scripts/go-layout, which offsets.json is made with, against the compiler: every struct of the standard library in DWARF.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { goLayout } from "../../scripts/go-layout/go-layout.ts";
import { isStandard, packageOf } from "../../scripts/offsets/fields.ts";
import type { StructType } from "../../src/binary/types.ts";
import { buildGo, everyGoVersion, goCommand } from "../fixtures/go-binaries.ts";
import { buildServer, type ServerBuild } from "./http2/build.ts";

const all = process.env.OTEL_GO_AUTO_FULL === "1";
const versions = all ? everyGoVersion : (["1.22.12", "1.27.4"] as const);
const net = "v0.1.0";
const builds: readonly (ServerBuild & { readonly goarch: "amd64" | "arm64" })[] = [
  ...versions.map((go) => ({ go, net, goarch: "amd64" as const })),
  ...(all ? versions : ["1.22.12"]).map((go) => ({
    go,
    net,
    goarch: "arm64" as const,
    env: { GOARCH: "arm64" },
  })),
  { go: "1.24.13", net, goarch: "amd64", env: { GOEXPERIMENT: "noswissmap" } },
];

for (const build of builds) {
  const { go, goarch, env } = build;
  test(`lays out every struct as the compiler does: Go ${go} ${JSON.stringify(env ?? {})}`, async (t) => {
    const compiled = await compiledStructs(await buildServer(build));
    const answer = await goLayout({
      goroot: (await goCommand(go, ["env", "GOROOT"])).trim(),
      goarch,
      structs: [...compiled.keys()],
      experiments: env?.GOEXPERIMENT === undefined ? [] : [env.GOEXPERIMENT],
    });
    assert.deepEqual(answer.unresolved, []);
    let fields = 0;
    for (const [name, layout] of Object.entries(answer.structs)) {
      const expected = offsets(compiled.get(name));
      const found = Object.entries(layout.fields).map(([field, { offset }]) => [field, offset]);
      assert.deepEqual(Object.fromEntries(found), expected, name);
      assert.equal(layout.size, compiled.get(name)?.size, name);
      fields += found.length;
    }
    // To a debugger, types that are slices or strings are structs too.
    for (const name of answer.missing)
      assert.match(Object.keys(offsets(compiled.get(name))).join(), /^(array|str),len(,cap)?$/, name);
    const count = Object.keys(answer.structs).length;
    t.diagnostic(`${count} structs of ${compiled.size}, ${fields} fields`);
    assert.ok(count > 500, `${count} structs`);
  });
}

/** Of the standard library, without those that are declared in functions, made by the compiler or generic. */
async function compiledStructs(path: string): Promise<ReadonlyMap<string, StructType>> {
  const oracle = await buildGo({ go: "1.26.8", source: join(import.meta.dirname, "../binary/dwarf-oracle") });
  const { stdout } = await promisify(execFile)(oracle, [path], { maxBuffer: 1 << 28 });
  const structs = new Map<string, StructType>();
  for (const line of stdout.trim().split("\n")) {
    const layout = JSON.parse(line) as StructType;
    const { name } = layout;
    const plain = /^[\w./]+\.\w+$/.test(name) && isStandard(packageOf(name)) && packageOf(name) !== "main";
    if (plain && !structs.has(name)) structs.set(name, layout);
  }
  return structs;
}

function offsets(layout: StructType | undefined): Record<string, number> {
  return Object.fromEntries(
    (layout?.fields ?? []).flatMap(({ name, offset }) => (name === "_" ? [] : [[name, offset]])),
  );
}
