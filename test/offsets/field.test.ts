import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openGoBinary } from "../../src/binary/index.ts";
import type { BuildInfo, GoBinary } from "../../src/binary/types.ts";
import { findField } from "../../src/offsets/field.ts";
import { type OffsetsTable, parseOffsets } from "../../src/offsets/table.ts";
import { buildGo, serverSource } from "../fixtures/go-binaries.ts";

const go = "1.26.8";
const stripped = openGoBinary(await buildGo({ go, source: serverSource, flags: ["-ldflags=-s -w"] }));
const whole = openGoBinary(await buildGo({ go, source: serverSource }));
after(() => {
  stripped.close();
  whole.close();
});

/** The runtime's metadata has no runtime.iface: it is in no interface and never asked for by reflection. */
const absent = "runtime.iface.data";

function table(changes: [string, number | null][], versions = ["1.25.0", "1.26.7", "1.26.8"]): OffsetsTable {
  return parseOffsets(
    JSON.stringify({ schema: 1, modules: { std: { versions, fields: { [absent]: changes } } } }),
  );
}

const neverAsked = () => assert.fail("the binary itself knows this");

test("DWARF answers where there is any, the runtime's types elsewhere", () => {
  const names = ["net/http.Request.Method"];
  const found = { name: "net/http.Request.Method", offset: 0 };
  assert.deepEqual(findField(whole, neverAsked, names), { ...found, source: "DWARF" });
  assert.deepEqual(findField(stripped, neverAsked, names), { ...found, source: "runtime types" });
  assert.equal(findField(whole, neverAsked, [absent])?.offset, 8);
});

test("the first name that the binary knows, newer ones before older ones", () => {
  const names = [
    "net/http/internal/http2.responseWriter.rws",
    "net/http.http2responseWriter.rws",
    "net/http.conn.rwc",
  ];
  assert.equal(findField(stripped, neverAsked, names)?.name, "net/http.http2responseWriter.rws");
});

test("a field that the binary's own struct lacks is nowhere, whatever a table says", () => {
  const wrong = parseOffsets(
    JSON.stringify({
      schema: 1,
      modules: { std: { versions: ["1.26.8"], fields: { "net/http.Request.Nowhere": [["1.17.0", 8]] } } },
    }),
  );
  assert.equal(
    findField(stripped, () => [wrong], ["net/http.Request.Nowhere"]),
    undefined,
  );
});

test("the table's answer for the very version", () => {
  const answer = findField(
    stripped,
    () => [
      table([
        ["1.17.0", 16],
        ["1.26.8", 8],
      ]),
    ],
    [absent],
  );
  assert.deepEqual(answer, { name: absent, offset: 8, source: "offsets.json", version: "1.26.8" });
});

test("else the nearest older version's, of the table that comes nearest", () => {
  const older = table([["1.17.0", 16]], ["1.24.0", "1.25.1"]);
  const nearer = table(
    [
      ["1.17.0", 24],
      ["1.27.0", 32],
    ],
    ["1.24.0", "1.26.7", "1.27.0"],
  );
  const answer = findField(stripped, () => [older, nearer], [absent]);
  assert.deepEqual(answer, {
    name: absent,
    offset: 24,
    source: "nearest older version",
    version: "1.26.7",
  });
  const exact = table([["1.17.0", 8]]);
  assert.equal(findField(stripped, () => [older, nearer, exact], [absent])?.source, "offsets.json");
});

test("no answer from before a field's first version, nor from behind its last", () => {
  assert.equal(
    findField(stripped, () => [table([["1.27.0", 8]])], [absent]),
    undefined,
  );
  assert.equal(
    findField(
      stripped,
      () => [
        table([
          ["1.17.0", 8],
          ["1.26.0", null],
        ]),
      ],
      [absent],
    ),
    undefined,
  );
  assert.equal(
    findField(stripped, () => [], [absent]),
    undefined,
  );
});

test("a package that isn't in the program has no fields", () => {
  const everything = parseOffsets(
    JSON.stringify({
      schema: 1,
      modules: { std: { versions: ["1.26.8"], fields: { "net/rpc.Server.serviceMap": [["1.17.0", 0]] } } },
    }),
  );
  assert.equal(
    findField(stripped, () => [everything], ["net/rpc.Server.serviceMap"]),
    undefined,
  );
});

test("what a build of Go's own repository or a fork has is a guess", () => {
  const of = (text: string): GoBinary => {
    const buildInfo: BuildInfo = {
      ...stripped.buildInfo,
      goVersion: { text, major: 1, minor: 26, patch: 0 },
    };
    return Object.create(stripped, { buildInfo: { value: buildInfo } });
  };
  const known = table([["1.17.0", 8]], ["1.25.0", "1.26.0-rc.1", "1.26.0"]);
  const sourceOf = (text: string) => {
    const { source, version } = findField(of(text), () => [known], [absent]) ?? {};
    return `${source} ${version}`;
  };
  assert.equal(sourceOf("devel go1.26-1f2e3d Tue Feb 3"), "nearest older version 1.25.0");
  assert.equal(sourceOf("go1.26rc1"), "offsets.json 1.26.0-rc.1");
  assert.equal(sourceOf("go1.26 (Red Hat 1.26.0-1.el9) X:strictfipsruntime"), "offsets.json 1.26.0");
});
