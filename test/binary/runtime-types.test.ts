import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import type { MapLayout, StructType } from "../../src/binary/types.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import {
  allBuilds,
  type Build,
  describeBuild,
  openServer,
  otherBuilds,
  serverPath,
  strippedBuilds,
} from "./programs.ts";

const run = promisify(execFile);
const maxBuffer = 1 << 28;

/** Structs that tracing of net/http and of every goroutine reads, by the Go releases that have them. */
const wanted: readonly (readonly [name: string, from: number, until: number])[] = [
  ["net/http.Request", 0, 99],
  ["net/http.Server", 0, 99],
  ["net/http.conn", 0, 99],
  ["net/http.response", 0, 99],
  ["net/http.pattern", 22, 99],
  ["net/http.http2responseWriter", 0, 26],
  ["net/http.http2responseWriterState", 0, 26],
  ["net/http.http2serverConn", 0, 26],
  ["net/http/internal/http2.responseWriter", 27, 99],
  ["net/http/internal/http2.serverConn", 27, 99],
  ["net/url.URL", 0, 99],
  ["context.valueCtx", 0, 99],
  ["context.cancelCtx", 0, 99],
  ["net.TCPAddr", 0, 99],
  ["crypto/tls.Conn", 0, 99],
  ["runtime.g", 0, 99],
  ["runtime.m", 0, 99],
  ["runtime.hmap", 0, 23],
  ["internal/runtime/maps.Map", 24, 99],
];

for (const build of [...strippedBuilds, ...otherBuilds]) {
  test(`layouts of structs are those of DWARF: ${describeBuild(build)}`, async (t) => {
    const { types, buildInfo } = await openServer(t, build);
    const truth = await structsInDwarf(build);
    // Two thirds of the structs have no type in the program, and to learn that takes 1 ms of each.
    const step = strippedBuilds.includes(build) ? 1 : 4;
    const sample = [...truth.values()].filter((_, i) => i % step === 0);
    for (const layout of sample) {
      const found = types.struct(layout.name);
      if (found) assert.deepEqual(withoutTypes(found), withoutTypes(layout));
    }
    const found = sample.filter(({ name }) => types.struct(name));
    assert.ok(found.length > 600 / step, `${found.length} structs`);
    const { minor } = buildInfo.goVersion;
    const oldMaps = buildInfo.settings.get("GOEXPERIMENT") === "noswissmap";
    for (const [name, from, until] of wanted) {
      if (minor < from || minor > until || (oldMaps && name.includes("maps.Map"))) continue;
      assert.ok(truth.has(name), `${name} in DWARF`);
      assert.deepEqual(namedTypes(types.struct(name)), namedTypes(truth.get(name)), name);
    }
  });
}

/** What Go's own reader of DWARF finds in the same program linked with DWARF, for the same machine. */
async function structsInDwarf({ go, env = {} }: Build): Promise<ReadonlyMap<string, StructType>> {
  const oracle = await buildGo({ go: "1.26.8", source: join(import.meta.dirname, "dwarf-oracle") });
  const { stdout } = await run(oracle, [await serverPath({ go, env })], { maxBuffer });
  const structs = new Map<string, StructType>();
  for (const line of stdout.trim().split("\n")) {
    const layout: StructType = JSON.parse(line.replaceAll("%2e", "."));
    if (structs.has(layout.name)) continue;
    const fields = layout.fields.map((field) => ({ ...field, typeName: field.typeName.replace(/^\*+/, "") }));
    structs.set(layout.name, { ...layout, fields });
  }
  return structs;
}

/** The full names of field types, without those that aren't names, such as "func(*http.conn)" and "[]byte". */
function namedTypes(layout: StructType | undefined) {
  return layout?.fields.map(({ name, typeName }) => [name, /^[\w./]+$/.test(typeName) ? typeName : ""]);
}

/** The two write the types of some fields in different ways, such as "func(*conn)". */
function withoutTypes({ name, size, fields }: StructType) {
  return { name, size, fields: fields.map(({ name, offset, embedded }) => ({ name, offset, embedded })) };
}

interface Truth {
  readonly layouts: readonly { name: string; size: number; fields: Readonly<Record<string, number>> }[];
  readonly header: {
    /** Base64. */
    readonly memory: string;
    readonly keys: Readonly<Record<string, readonly number[]>>;
    readonly elems: Readonly<Record<string, readonly number[]>>;
  };
}

const runnable = allBuilds.filter(({ env }) => env?.GOARCH === undefined);

for (const build of runnable) {
  test(`layouts are those that the running program sees: ${describeBuild(build)}`, async (t) => {
    const { types, path } = await openServer(t, build);
    const { stdout } = await run(path, ["-truth"]);
    const truth: Truth = JSON.parse(stdout);
    for (const { name, size, fields } of truth.layouts) {
      const found = types.struct(name);
      assert.equal(found?.size, size, name);
      assert.deepEqual(
        Object.fromEntries(found?.fields.map(({ name, offset }) => [name, offset]) ?? []),
        fields,
      );
    }
    const layout = types.map("net/http.Header");
    assert.ok(layout);
    assert.equal(layout.kind, swissMaps(build) ? "swiss" : "buckets");
    assert.deepEqual(entriesOf(layout, Buffer.from(truth.header.memory, "base64")), entriesInGo(truth));
  });
}

function swissMaps({ go, env }: Build): boolean {
  return !go.startsWith("1.22.") && env?.GOEXPERIMENT !== "noswissmap";
}

function entriesInGo({ header: { keys, elems } }: Truth): string[] {
  return Object.entries(keys)
    .map(([key, words]) => [...words, ...(elems[key] ?? [])].join())
    .sort();
}

/** The words of each key and its element, read from the first group or bucket of a map[string][]string. */
function entriesOf(layout: MapLayout, memory: Buffer): string[] {
  const places = layout.kind === "swiss" ? layout : bucketPlaces(layout);
  const words = (at: number, count: number) =>
    Array.from({ length: count }, (_, i) => Number(memory.readBigUInt64LE(at + i * 8)));
  const slots = Array.from({ length: 8 }, (_, i) => [
    ...words(places.keysOffset + i * places.keyStride, 2),
    ...words(places.elemsOffset + i * places.elemStride, 3),
  ]);
  return slots
    .filter(([pointer]) => pointer !== 0)
    .map((slot) => slot.join())
    .sort();
}

/** A bucket is 8 bytes of hashes, 8 keys, 8 elements, and a pointer to the next bucket. */
function bucketPlaces({ bucketSize, keySize, elemSize }: MapLayout & { kind: "buckets" }) {
  assert.equal(bucketSize, 8 + 8 * keySize + 8 * elemSize + 8);
  return { keysOffset: 8, keyStride: keySize, elemsOffset: 8 + 8 * keySize, elemStride: elemSize };
}

test("what isn't there is undefined", async (t) => {
  const { types } = await openServer(t, { go: "1.27.4" });
  for (const name of [
    "net/http.Absent",
    "absent/http.Request",
    "net/http.request",
    "Request",
    "",
    ".",
    "int",
    "[",
  ]) {
    assert.equal(types.struct(name), undefined, name);
    assert.equal(types.map(name), undefined, name);
  }
  assert.equal(types.struct("net/http.Header"), undefined);
  assert.equal(types.map("net/http.Request"), undefined);
});

test("two types of one name give no layout", async (t) => {
  const { path, types } = await openServer(t, { go: "1.26.8" });
  assert.ok(readFileSync(path).includes("*main.twin"));
  assert.equal(types.struct("main.twin"), undefined);
});

test("nameAt says undefined for whatever isn't the address of a type", async (t) => {
  const { types, itabs, segments } = await openServer(t, { go: "1.26.8" });
  for (const address of [
    0,
    -8,
    1,
    Number.NaN,
    2 ** 60,
    segments[0]?.address ?? 0,
    itabs()[0]?.address ?? 0,
  ]) {
    assert.equal(types.nameAt(address), undefined);
  }
});
