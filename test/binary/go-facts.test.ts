import assert from "node:assert/strict";
import { test } from "node:test";
import { allFacts, type Fact } from "../../scripts/go-facts/facts.ts";
import { checkLines, checkRelease, type Result, versionsOfLines } from "../../scripts/go-facts/run.ts";
import { offsetsAt, oldestMinor, releasesOf } from "../../src/binary/go-facts/fact.ts";
import * as kinds from "../../src/binary/go-facts/kinds.ts";
import { moduledata } from "../../src/binary/go-facts/moduledata.ts";
import { pcHeader } from "../../src/binary/go-facts/pclntab.ts";
import { registers } from "../../src/binary/go-facts/registers.ts";
import { type } from "../../src/binary/go-facts/types.ts";
import { goVersions } from "../fixtures/go-binaries.ts";

// Every release: scripts/check-go-facts.

const facts = await allFacts();
const newest = goVersions[3];

for (const version of goVersions) {
  test(`the facts about Go's runtime are those of the sources of Go ${version}`, async () => {
    const results = await checkRelease(version, facts);
    assert.deepEqual(differing(results), []);
    assert.ok(results.length > 280, `${results.length} checks`);
  });
}

test("the lines of the facts are where Go says the same, and each fact has one", async () => {
  const known: readonly string[] = goVersions;
  const lines = await checkLines(
    facts,
    [...versionsOfLines(facts)].filter((version) => known.includes(version)),
  );
  assert.deepEqual(differing(lines), []);
  const lined = new Set(lines.map(({ name }) => name));
  const said = [...(await checkRelease(newest, facts)), ...(await checkRelease("1.24.13", facts))];
  assert.deepEqual(
    said.filter(({ name, written }) => written !== "absent" && !lined.has(name)).map(({ name }) => name),
    [],
  );
});

test("every table of a fact begins with the oldest release and goes up", () => {
  for (const [name, fact] of facts) {
    for (const table of tablesOf(fact)) {
      const releases = releasesOf(table);
      assert.equal(releases[0], oldestMinor, name);
      assert.deepEqual(
        releases,
        [...releases].sort((a, b) => a - b),
        name,
      );
    }
  }
});

function tablesOf(fact: Fact): readonly unknown[] {
  if ("says" in fact) return [fact.value, fact.says];
  const fields = Object.values(fact.fields).flatMap(({ at, bytes, name }) => [at, bytes, name]);
  return [fact.struct, fact.size, ...fields].filter((table) => table !== undefined);
}

test("a release newer than the newest known is taken to be like it", () => {
  assert.deepEqual(offsetsAt(moduledata, 99), offsetsAt(moduledata, 27));
  assert.notDeepEqual(offsetsAt(moduledata, 27), offsetsAt(moduledata, 26));
});

const { fields } = moduledata;
const { Kind_ } = type.fields;
const { g } = registers.amd64;

/** A fact that Go contradicts, and how that is said. */
const wrong: readonly [what: string, fact: Fact, said: string][] = [
  [
    "an offset",
    { ...moduledata, fields: { types: { ...fields.types, at: 304 } } },
    "8 bytes at 304 / 8 bytes at 296",
  ],
  ["a field's size", { ...type, fields: { Kind_: { ...Kind_, bytes: 2 } } }, "2 bytes at 23 / 1 bytes at 23"],
  ["a field's name", { ...type, fields: { Kind: { at: 23, bytes: 1, line: 28 } } }, "1 bytes at 23 / absent"],
  [
    "a field that is still there",
    { ...moduledata, fields: { types: { ...fields.types, at: { 17: 280, 27: null } } } },
    "absent / 8 bytes at 296",
  ],
  ["a struct's size", { ...pcHeader, size: 64 }, "64 bytes / 72 bytes"],
  ["a struct's name", { ...moduledata, struct: "runtime.moduleData" }, "present / absent"],
  [
    "a struct that is still there",
    { ...moduledata, struct: { 17: "runtime.moduledata", 27: null } },
    "absent / present",
  ],
  ["a constant", { ...kinds.kinds.map, value: 20 }, "20 / 21"],
  ["a constant's name", { ...kinds.kindFlag, says: "internal/abi.KindGone" }, "32 / absent"],
  ["a register", { ...g, value: "R15" }, "R15 / R14"],
  ["a text that is gone", { ...g, says: { file: g.file, pattern: /REGGONE = (.*)/ } }, "R14 / absent"],
  ["a file that is gone", { ...g, says: { file: "src/gone.go", pattern: /(.*)/ } }, "R14 / absent"],
];

for (const [what, fact, said] of wrong) {
  test(`what Go contradicts is found: ${what}`, async () => {
    const results = differing(await checkRelease(newest, new Map([["fact", fact]])));
    const arch = "arch" in fact ? 1 : 2;
    assert.deepEqual(
      results.map(({ written, found }) => `${written} / ${found}`),
      Array(arch).fill(said),
    );
  });
}

test("a wrong line is found", async () => {
  const lines = await checkLines(new Map([["fact", { ...g, line: g.line + 1 }]]), [newest]);
  assert.deepEqual(
    lines.map(({ written, found }) => [written, found]),
    [["src/cmd/internal/obj/x86/a.out.go#L269", "src/cmd/internal/obj/x86/a.out.go#L268"]],
  );
});

function differing(results: readonly Result[]): readonly Result[] {
  return results.filter(({ written, found }) => written !== found);
}
