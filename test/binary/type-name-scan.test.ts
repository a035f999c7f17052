import assert from "node:assert/strict";
import { test } from "node:test";
import { ScanFor } from "../../src/binary/runtime-types/name-scan.ts";
import { splitName } from "../../src/binary/runtime-types/names.ts";

/** A name as the runtime keeps it: flags, length, text. */
function stored(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const varint = length < 0x80 ? [length] : [0x80 | (length & 0x7f), length >>> 7];
  return Buffer.concat([Buffer.from([1, ...varint]), Buffer.from(text)]);
}

/** Where the scan for these full names finds which texts, when they stand one behind the other. */
function scan(names: readonly string[], texts: readonly string[]): string[] {
  const data = Buffer.concat(texts.map(stored));
  const starts = new Map<number, string>();
  let at = 0;
  for (const text of texts) {
    starts.set(at, text);
    at += stored(text).length;
  }
  const found = [...new ScanFor(names.map(splitName)).in(data)].filter(({ at }) => starts.has(at));
  return found.map(({ at, candidates }) => {
    const of = candidates.map(({ packagePath, typeName }) => `${packagePath}.${typeName}`);
    return `${starts.get(at)} = ${of.join(" or ")}`;
  });
}

test("finds a type by its package's name, pointer or not, and by nothing that only ends like it", () => {
  const texts = [
    "http.Request",
    "*http.Request",
    "**http.Request",
    "[]http.Request",
    "func(http.Request)",
    "http.RequestX",
  ];
  assert.deepEqual(scan(["net/http.Request"], texts), [
    "http.Request = net/http.Request",
    "*http.Request = net/http.Request",
  ]);
  assert.deepEqual(scan(["net/http.Req"], texts), []);
});

test("packages of one name are told apart later", () => {
  assert.deepEqual(scan(["net/http.Request", "example.com/http.Request"], ["http.Request"]), [
    "http.Request = net/http.Request or example.com/http.Request",
  ]);
});

test("the package's name need not be the end of its path", () => {
  assert.deepEqual(scan(["gopkg.in/yaml.v3.Node"], ["yaml.Node"]), ["yaml.Node = gopkg.in/yaml.v3.Node"]);
});

test("names of all lengths are found, those whose length is a letter too", () => {
  for (const length of [1, 30, 40, 41, 60, 90, 92, 110, 113, 114, 115, 200, 3000]) {
    const name = `p.${"T".repeat(length)}`;
    assert.deepEqual(scan([`example.com/${name}`], ["x.Y", `*${name}`, name, "z.Z"]), [
      `*${name} = example.com/${name}`,
      `${name} = example.com/${name}`,
    ]);
  }
});

test("a generic type has its arguments in its name", () => {
  const texts = ["atomic.Pointer[net/http.body]", "atomic.Pointer[net/http.response]", "atomic.Pointer"];
  assert.deepEqual(scan(["sync/atomic.Pointer[net/http.response]"], texts), [
    "atomic.Pointer[net/http.response] = sync/atomic.Pointer[net/http.response]",
  ]);
});

test("a name that is cut by the end of a piece is whole in the next", () => {
  const scan = new ScanFor([splitName("net/http.Request")]);
  const data = Buffer.concat([stored("a.B"), stored("*http.Request"), stored("c.D")]);
  for (let cut = 0; cut < data.length; cut++) {
    const pieces: [number, Buffer][] = [
      [0, data.subarray(0, cut)],
      [Math.max(0, cut - scan.overlap), data.subarray(Math.max(0, cut - scan.overlap))],
    ];
    const found = pieces.flatMap(([start, piece]) => [...scan.in(piece)].map(({ at }) => start + at));
    assert.ok(found.includes(stored("a.B").length), `cut at ${cut}`);
  }
});
