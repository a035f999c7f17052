// The parts of scripts/gen-offsets that don't need the module proxy.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fieldsOf, parseFieldName } from "../../scripts/offsets/fields.ts";
import {
  formatTable,
  moduleTable,
  readTable,
  type Table,
  versionOffsets,
} from "../../scripts/offsets/table.ts";
import { goVersion } from "../../scripts/offsets/versions.ts";
import { libraries } from "../../src/generated/registry.ts";
import { parseOffsets } from "../../src/offsets/table.ts";

const at = (amd64: Record<string, number | null>, arm64 = amd64) => ({ amd64, arm64 });

test("a table says only where an offset changes, and gives back what it was made of", () => {
  const found = new Map([
    ["1.10.0", at({ "a.B.c": 16, "a.B.d": null })],
    ["1.9.0", at({ "a.B.c": 8, "a.B.d": null, "a.B.e": null }, { "a.B.c": 4, "a.B.d": null })],
    ["1.9.0-rc.1", at({ "a.B.c": 8, "a.B.d": null })],
    ["1.11.0", at({ "a.B.c": 16, "a.B.d": 0 })],
    ["1.12.0", at({ "a.B.c": null, "a.B.d": 0 }, { "a.B.c": 16, "a.B.d": 0 })],
  ]);
  const table = moduleTable(["a.B.c", "a.B.d", "a.B.e"], found);
  assert.deepEqual(table, {
    versions: ["1.9.0-rc.1", "1.9.0", "1.10.0", "1.11.0", "1.12.0"],
    fields: {
      "a.B.c": [
        ["1.9.0-rc.1", 8],
        ["1.10.0", 16],
        ["1.12.0", null],
      ],
      "a.B.d": [["1.11.0", 0]],
    },
    arm64: {
      "a.B.c": [
        ["1.9.0-rc.1", 8],
        ["1.9.0", 4],
        ["1.10.0", 16],
      ],
    },
  });
  for (const [version, { amd64, arm64 }] of found) {
    const again = versionOffsets(table, version);
    for (const field of ["a.B.c", "a.B.d"]) {
      assert.equal(again.amd64[field], amd64[field], `${version} ${field}`);
      assert.equal(again.arm64[field], arm64[field], `${version} ${field} on arm64`);
    }
  }
  const text = formatTable({ schema: 1, modules: { a: table } });
  assert.deepEqual(JSON.parse(text), { schema: 1, modules: { a: table } });
  assert.doesNotThrow(() => parseOffsets(text));
});

const path = join(import.meta.dirname, "../../offsets.json");

test("offsets.json is as gen-offsets writes it", () => {
  assert.equal(formatTable(readTable(path) as Table), readFileSync(path, "utf8"));
});

test("offsets.json has every field that a descriptor names", () => {
  const known = new Set(
    Object.values(readTable(path)?.modules ?? {}).flatMap(({ fields }) => Object.keys(fields)),
  );
  const lacking = fieldsOf(libraries).filter(({ full }) => !known.has(full));
  assert.deepEqual(lacking, [], "run scripts/gen-offsets");
});

test("versions of Go are semantic", () => {
  const versions = {
    "go1.20": "1.20.0",
    "go1.21.0": "1.21.0",
    "go1.21rc2": "1.21.0-rc.2",
    "go1.18beta1": "1.18.0-beta.1",
    "go1.16.15": undefined,
    "go1.22.3.linux": undefined,
    internal: undefined,
  };
  for (const [tag, text] of Object.entries(versions)) assert.equal(goVersion(tag)?.text, text, tag);
});

test("a field's name may hold dots in its package's path", () => {
  assert.deepEqual(parseFieldName("gopkg.in/yaml.v3.Node.Kind"), {
    full: "gopkg.in/yaml.v3.Node.Kind",
    packagePath: "gopkg.in/yaml.v3",
    struct: "gopkg.in/yaml.v3.Node",
    field: "Kind",
  });
});
