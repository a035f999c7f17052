import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { BadOffsets, decodeOffsets, maxOffsetsSize, parseOffsets } from "../../src/offsets/table.ts";
import type { CodeVersion } from "../../src/offsets/version.ts";

const published = (text: string): CodeVersion => ({ text, published: true });

const grpc = "google.golang.org/grpc";
const field = "google.golang.org/grpc.ClientConn.target";
const [pointer, text] = ["google.golang.org/grpc/internal.P.x", "google.golang.org/grpc/internal.P.s"];

const table = parseOffsets(
  JSON.stringify({
    schema: 1,
    modules: {
      [grpc]: {
        versions: ["1.40.0", "1.60.0-dev", "1.60.0", "1.61.0", "1.70.0"],
        fields: {
          [field]: [
            ["1.40.0", 16],
            ["1.60.0", 24],
            ["1.70.0", null],
          ],
          [pointer]: [["1.61.0", 0]],
          [text]: [["1.40.0", 40]],
        },
        arm64: { [text]: [["1.40.0", 48]] },
      },
      "google.golang.org/grpc/security": { versions: ["1.0.0"], fields: {} },
    },
  }),
);

const at = (version: string, name = field, arch: "amd64" | "arm64" = "amd64") =>
  table.lookUp(grpc, published(version), arch, name);

test("the very version, and the nearest before it", () => {
  assert.deepEqual(at("1.40.0"), { offset: 16, version: "1.40.0", exact: true });
  assert.deepEqual(at("1.60.0-dev"), { offset: 16, version: "1.60.0-dev", exact: true });
  assert.deepEqual(at("1.60.0"), { offset: 24, version: "1.60.0", exact: true });
  assert.deepEqual(at("1.61.0"), { offset: 24, version: "1.61.0", exact: true });
  assert.deepEqual(at("1.61.7"), { offset: 24, version: "1.61.0", exact: false });
  assert.deepEqual(at("9.0.0", text), { offset: 40, version: "1.70.0", exact: false });
});

test("a version that isn't listed, between two that agree, is no guess", () => {
  assert.deepEqual(at("1.59.9"), { offset: 16, version: "1.40.0", exact: true });
  assert.deepEqual(at("1.60.0-rc.1"), { offset: 16, version: "1.60.0-dev", exact: false });
  assert.deepEqual(at("1.60.5"), { offset: 24, version: "1.60.0", exact: true });
});

test("nothing from before the first version, from where the field is gone, and of others", () => {
  assert.equal(at("1.39.0"), undefined);
  assert.equal(at("1.60.0", pointer), undefined);
  assert.deepEqual(at("1.61.0", pointer), { offset: 0, version: "1.61.0", exact: true });
  assert.equal(at("1.70.0"), undefined);
  assert.equal(at("2.0.0"), undefined);
  assert.equal(at("1.60.0", `${grpc}.ClientConn.other`), undefined);
  assert.equal(at("1.60.0", "constructor"), undefined);
  assert.equal(table.lookUp("std", published("1.26.0"), "amd64", field), undefined);
});

test("code that isn't what was published under its version is a guess", () => {
  const fork = { text: "1.60.0", published: false };
  assert.deepEqual(table.lookUp(grpc, fork, "amd64", field), {
    offset: 24,
    version: "1.60.0",
    exact: false,
  });
});

test("arm64 has offsets of its own where they differ", () => {
  assert.equal(at("1.60.0", text, "arm64")?.offset, 48);
  assert.equal(at("1.60.0", text, "amd64")?.offset, 40);
  assert.equal(at("1.60.0", field, "arm64")?.offset, 24);
});

test("pseudo-versions are ordered by their time", () => {
  const path = "golang.org/x/net";
  const versions = ["0.0.0-20210226172049-e18ecbb05110", "0.0.0-20220101000000-000000000000", "0.1.0"];
  const name = "golang.org/x/net/http2.responseWriter.rws";
  const found = parseOffsets(
    JSON.stringify({
      schema: 1,
      modules: {
        [path]: {
          versions,
          fields: {
            [name]: [
              [versions[0], 0],
              [versions[1], 8],
            ],
          },
        },
      },
    }),
  );
  const of = (version: string) => found.lookUp(path, published(version), "amd64", name);
  assert.deepEqual(of("0.0.0-20211231235959-ffffffffffff"), {
    offset: 0,
    version: versions[0],
    exact: false,
  });
  assert.deepEqual(of("0.0.0-20220101000000-000000000000"), {
    offset: 8,
    version: versions[1],
    exact: true,
  });
  assert.equal(of("0.0.0-20200101000000-ffffffffffff"), undefined);
});

test("a package belongs to the longest module path", () => {
  assert.equal(table.moduleOf("google.golang.org/grpc"), grpc);
  assert.equal(table.moduleOf("google.golang.org/grpc/internal/transport"), grpc);
  assert.equal(table.moduleOf("google.golang.org/grpc/security/x"), "google.golang.org/grpc/security");
  assert.equal(table.moduleOf("google.golang.org/grpcx"), undefined);
  assert.equal(table.moduleOf("net/http"), undefined);
  assert.equal(
    parseOffsets(
      JSON.stringify({ schema: 1, modules: { std: { versions: ["1.26.0"], fields: {} } } }),
    ).moduleOf("net/http"),
    "std",
  );
});

test("what it knows, for messages", () => {
  assert.equal(table.fieldCount, 3);
  assert.deepEqual(
    [...table.newest()],
    [
      [grpc, "1.70.0"],
      ["google.golang.org/grpc/security", "1.0.0"],
    ],
  );
});

const module = (content: object) => ({
  schema: 1,
  modules: { std: { versions: ["1.26.0", "1.27.0"], fields: {}, ...content } },
});
const changes = (...list: unknown[]) => module({ fields: { "a.B.c": list } });

/** What is wrong → content → what is said. */
const bad: readonly (readonly [string, unknown, RegExp])[] = [
  ["another schema", { schema: 2, modules: {} }, /^schema: .*2/],
  ["no schema", { modules: {} }, /^schema: /],
  ["a list", [], /^schema: |whole file/],
  ["null", null, /whole file/],
  ["modules as text", { schema: 1, modules: "std" }, /^modules: /],
  ["no versions", module({ versions: [] }), /^modules\.std\.versions: /],
  ["versions out of order", module({ versions: ["1.27.0", "1.26.0"] }), /versions are not in order/],
  ["a version twice", module({ versions: ["1.26.0", "1.26.0"] }), /versions are not in order/],
  ["a version of Go's own form", module({ versions: ["go1.26"] }), /not semantic/],
  ["a version with a v", module({ versions: ["v1.26.0"] }), /not semantic/],
  ["an endless version", module({ versions: [`1.26.${"0".repeat(10_000)}`] }), /not semantic/],
  ["no changes", changes(), /^modules\.std\.fields\.a\.B\.c: /],
  ["changes out of order", changes(["1.27.0", 8], ["1.26.0", 16]), /versions are not in order/],
  ["a change without an offset", changes(["1.26.0"]), /fields\.a\.B\.c\.0/],
  ["a negative offset", changes(["1.26.0", -8]), /fields\.a\.B\.c\.0\.1: /],
  ["a fraction", changes(["1.26.0", 0.5]), /fields\.a\.B\.c\.0\.1: /],
  ["an offset above 16 bits", changes(["1.26.0", 65_536]), /fields\.a\.B\.c\.0\.1: /],
  ["an offset as text", changes(["1.26.0", "8"]), /fields\.a\.B\.c\.0\.1: /],
  ["bad offsets of arm64", module({ arm64: { "a.B.c": [["1.26.0", -1]] } }), /arm64/],
];

for (const [what, content, message] of bad)
  test(`refused: ${what}`, () => {
    assert.throws(
      () => parseOffsets(JSON.stringify(content)),
      (error: Error) => error instanceof BadOffsets && message.test(error.message),
    );
  });

test("refused: what is no JSON, no UTF-8 or too large", () => {
  const refused = (content: Uint8Array, message: RegExp) =>
    assert.throws(
      () => decodeOffsets(content),
      (error: Error) => error instanceof BadOffsets && message.test(error.message),
    );
  refused(Buffer.from("<!doctype html><title>Welcome</title>"), /^it is not JSON/);
  refused(Buffer.from('{"schema":1,"modules":{"std":{"ver'), /^it is not JSON/);
  refused(Buffer.alloc(0), /^it is not JSON/);
  refused(Buffer.from([0x7b, 0xff, 0xfe]), /^it is not UTF-8/);
  refused(Buffer.alloc(maxOffsetsSize + 1, " "), /^it is larger than 1048576 bytes/);
});

test("names of an object's own machinery are names like others, or left out", () => {
  const found = parseOffsets(
    '{"schema":1,"modules":{"__proto__":{"versions":["1.0.0"],"fields":{}},"std":{"versions":["1.26.0"],"fields":{"__proto__":[["1.26.0",1]],"toString":[["1.26.0",2]]}}}}',
  );
  assert.deepEqual([...found.newest().keys()], ["std"]);
  assert.equal(found.lookUp("std", published("1.26.0"), "amd64", "__proto__"), undefined);
  assert.equal(found.lookUp("std", published("1.26.0"), "amd64", "valueOf"), undefined);
  assert.equal({}.constructor, Object);
});

/** As large as a file may be: the shapes that take most memory for each byte. */
const hostile = {
  "empty objects": `"{},".repeat(349_000) + "{}"`,
  "nested lists": `"[[]],".repeat(209_000) + "[]"`,
  "deep lists": `"[".repeat(500_000) + "]".repeat(500_000)`,
};

function parsedInAgentsHeap(text: string): string {
  const script = `
    import { parseOffsets } from ${JSON.stringify(join(import.meta.dirname, "../../src/offsets/table.ts"))};
    try { console.log(parseOffsets(${text}).newest().size + " modules"); } catch (error) { console.log(error.name); }`;
  const limits = ["--max-semi-space-size=1", "--max-old-space-size=48"];
  const arguments_ = [...limits, "--import", "tsx", "--input-type=module", "-e", script];
  const { stdout, stderr } = spawnSync(process.execPath, arguments_, { encoding: "utf8" });
  return stdout || stderr;
}

for (const [shape, text] of Object.entries(hostile))
  test(`a megabyte of ${shape} is refused within the agent's heap`, () => {
    assert.equal(parsedInAgentsHeap(`'{"schema":1,"modules":[' + ${text} + ']}'`), "BadOffsets\n");
  });

test("a megabyte of fields, and one of versions, is taken within the agent's heap", () => {
  const fields = `Array.from({ length: 42_000 }, (_, i) => '"' + i.toString(36).padStart(4, "_") + '":[["1.0.0",1]]').join()`;
  assert.equal(
    parsedInAgentsHeap(
      `'{"schema":1,"modules":{"std":{"versions":["1.0.0"],"fields":{' + ${fields} + '}}}}'`,
    ),
    "1 modules\n",
  );
  const versions = `Array.from({ length: 80_000 }, (_, i) => '"1.0.' + i + '"').join()`;
  assert.equal(
    parsedInAgentsHeap(`'{"schema":1,"modules":{"std":{"versions":[' + ${versions} + '],"fields":{}}}}'`),
    "1 modules\n",
  );
});
