import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { parseGoVersion } from "../../src/binary/go-version.ts";
import type { BuildInfo } from "../../src/binary/types.ts";
import { buildGo, goCommand } from "../fixtures/go-binaries.ts";
import { allBuilds, describeBuild, openServer, openUntilEnd } from "./programs.ts";

for (const build of allBuilds) {
  test(`reads build info as go version -m does: ${describeBuild(build)}`, async (t) => {
    const { path, buildInfo } = await openServer(t, build);
    assert.equal(asGoPrints(buildInfo), await byGo(path));
    assert.equal(buildInfo.settings.get("GOARCH"), build.env?.GOARCH ?? "amd64");
    assert.equal(buildInfo.goVersion.patch, Number(build.go.split(".")[2]));
  });
}

test("reads modules and what replaced them", async (t) => {
  const source = join(import.meta.dirname, "../fixtures/binaries/modules");
  const { path, buildInfo } = openUntilEnd(t, await buildGo({ go: "1.26.8", source, package: "./cmd/shop" }));
  assert.equal(asGoPrints(buildInfo), await byGo(path));
  assert.equal(buildInfo.path, "example.com/shop/cmd/shop");
  assert.deepEqual(buildInfo.main, { path: "example.com/shop", version: "(devel)" });
  assert.deepEqual(buildInfo.modules, [
    { path: "example.com/stock", version: "v1.2.3", replacedBy: { path: "./stock", version: "(devel)" } },
  ]);
});

async function byGo(path: string): Promise<string> {
  const lines = (await goCommand("1.26.8", ["version", "-m", path])).trimEnd().split("\n");
  // Its first line starts with the path; behind a replacement without a checksum stands an empty one.
  const [first, ...others] = lines.map((line) => line.trim()).filter((line) => line !== "");
  return [first?.slice(path.length + 2), ...others].join("\n");
}

function asGoPrints({ goVersion, path, main, modules, settings }: BuildInfo): string {
  const all = [
    ...(main ? [{ kind: "mod", ...main }] : []),
    ...modules.map((module) => ({ kind: "dep", ...module })),
  ];
  return [
    goVersion.text,
    `path\t${path}`,
    ...all.flatMap(({ kind, path, version, replacedBy }) => [
      `${kind}\t${path}\t${version}`,
      ...(replacedBy ? [`=>\t${replacedBy.path}\t${replacedBy.version}`] : []),
    ]),
    ...[...settings].map(([key, value]) => `build\t${key}=${quote(value)}`),
  ].join("\n");
}

/** Go quotes values that hold blanks or quotes. */
function quote(value: string): string {
  return /[\s"`]/.test(value) ? JSON.stringify(value) : value;
}

test("understands the versions that Go writes", () => {
  const versions = {
    "go1.26.8": [1, 26, 8],
    "go1.21": [1, 21, 0],
    "go1.27rc1": [1, 27, 0],
    "go1.24.1 X:noswissmap": [1, 24, 1],
    "devel go1.28-d8fb8bf5 Tue Nov 3 10:00:00 2026 +0000": [1, 28, 0],
    "go1.26.8-custom": [1, 26, 8],
  };
  for (const [text, [major, minor, patch]] of Object.entries(versions)) {
    assert.deepEqual(parseGoVersion(text), { text, major, minor, patch });
  }
  assert.equal(parseGoVersion("unknown"), undefined);
  assert.equal(parseGoVersion(""), undefined);
});
