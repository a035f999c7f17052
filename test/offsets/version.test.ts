import assert from "node:assert/strict";
import { test } from "node:test";
import type { BuildInfo, GoModule } from "../../src/binary/types.ts";
import { type CodeVersion, versionOf } from "../../src/offsets/version.ts";

const published = (text: string): CodeVersion => ({ text, published: true });
const guess = (text: string): CodeVersion => ({ text, published: false });

const goVersions: readonly (readonly [string, [number, number, number], CodeVersion])[] = [
  ["go1.26.8", [1, 26, 8], published("1.26.8")],
  ["go1.21", [1, 21, 0], published("1.21.0")],
  ["go1.27rc2", [1, 27, 0], published("1.27.0-rc.2")],
  ["go1.18beta1", [1, 18, 0], published("1.18.0-beta.1")],
  ["devel go1.28-1f2e3d Tue Feb 3 10:00:00 2026 +0000", [1, 28, 0], guess("1.28.0-0")],
  ["go1.28-devel_1f2e3d", [1, 28, 0], guess("1.28.0-0")],
  ["go1.25.3 (Red Hat 1.25.3-1.el9) X:strictfipsruntime", [1, 25, 3], published("1.25.3")],
  ["go1.26.1-microsoft", [1, 26, 1], published("1.26.1")],
  ["go1.24.2 X:noswissmap,boringcrypto", [1, 24, 2], published("1.24.2")],
];

for (const [text, [major, minor, patch], expected] of goVersions)
  test(`Go's own packages in a program of ${text}`, () => {
    const buildInfo = { goVersion: { text, major, minor, patch }, modules: [] } as unknown as BuildInfo;
    assert.deepEqual(versionOf("std", buildInfo), expected);
  });

const path = "example.org/lib";
const modules: readonly (readonly [string, Omit<GoModule, "path">, CodeVersion | undefined])[] = [
  ["a release", { version: "v1.2.3" }, published("1.2.3")],
  ["a release from before modules", { version: "v2.3.4+incompatible" }, published("2.3.4")],
  [
    "a commit",
    { version: "v0.0.0-20210226172049-e18ecbb05110" },
    published("0.0.0-20210226172049-e18ecbb05110"),
  ],
  [
    "a commit behind a release",
    { version: "v1.2.4-0.20250101000000-abcdefabcdef" },
    published("1.2.4-0.20250101000000-abcdefabcdef"),
  ],
  [
    "another version of its own",
    { version: "v1.2.3", replacedBy: { path, version: "v1.4.0" } },
    published("1.4.0"),
  ],
  [
    "a fork",
    { version: "v1.2.3", replacedBy: { path: "example.org/fork", version: "v9.0.0" } },
    guess("1.2.3"),
  ],
  ["a folder", { version: "v1.2.3", replacedBy: { path: "../lib", version: "" } }, guess("1.2.3")],
  ["the program's own module", { version: "(devel)" }, undefined],
  ["no version", { version: "" }, undefined],
  ["nonsense", { version: `v1.${"9".repeat(100_000)}.0` }, undefined],
];

for (const [what, module, expected] of modules)
  test(`a module that is ${what}`, () => {
    const buildInfo = { modules: [{ path, ...module }] } as unknown as BuildInfo;
    assert.deepEqual(versionOf(path, buildInfo), expected);
  });

test("a module that isn't in the program", () => {
  assert.equal(
    versionOf("example.org/other", { modules: [{ path, version: "v1.0.0" }] } as unknown as BuildInfo),
    undefined,
  );
});
