import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import test from "node:test";
import * as stable from "@opentelemetry/semantic-conventions";
import * as incubating from "@opentelemetry/semantic-conventions/incubating";
import { filesBelow } from "../../scripts/files.ts";

const text = readFileSync("docs/libraries.md", "utf8");
const sources = filesBelow("src/libraries", ".ts").filter(
  (file) => !/older-names|metric/.test(basename(file)),
);

test("docs/libraries.md names every attribute that a library writes", () => {
  const constants = new Set(
    sources.flatMap((file) => readFileSync(file, "utf8").match(/\bATTR_[A-Z0-9_]+/g) ?? []),
  );
  const names = [...constants].map((constant) => String(Reflect.get({ ...incubating, ...stable }, constant)));
  assert.ok(names.length > 25, `only ${names.length} attributes found`);
  assert.deepEqual(
    names.filter((name) => !text.includes(`\`${name}\``)),
    [],
  );
});
