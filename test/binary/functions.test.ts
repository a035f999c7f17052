import assert from "node:assert/strict";
import { closeSync, openSync, readSync } from "node:fs";
import { test } from "node:test";
import type { GoBinary } from "../../src/binary/types.ts";
import { goCommand } from "../fixtures/go-binaries.ts";
import { allBuilds, type Build, describeBuild, openServer, plainBuilds } from "./programs.ts";

/** Builds with a symbol table, which `go tool nm` needs. */
const withSymbols = allBuilds.filter(({ flags = [] }) => !flags.some((flag) => flag.includes("-s -w")));

for (const build of withSymbols) {
  test(`lists the functions that go tool nm lists: ${describeBuild(build)}`, async (t) => {
    const binary = await openServer(t, build);
    const symbols = await textSymbols(binary.path);
    const functions = [...binary.functions.all()];
    const wrong = functions.filter(
      ({ name, address }) => !symbols.get(address)?.has(name.replaceAll("·", ".")),
    );
    assert.deepEqual(wrong, []);
    const listed = new Set(functions.map(({ address }) => address));
    // Marks of the linker, C code and the closing symbol of the text have symbols but are no functions of Go.
    const missing = [...symbols].filter(
      ([address, names]) => !listed.has(address) && ![...names].every(isNoGoFunction),
    );
    assert.deepEqual(missing, []);
    assert.ok(functions.length > 5000, `${functions.length} functions`);
  });
}

/** Names by address. Assembly has a symbol with the name of its calling convention behind it. */
async function textSymbols(path: string): Promise<ReadonlyMap<number, ReadonlySet<string>>> {
  const symbols = new Map<number, Set<string>>();
  for (const line of (await goCommand("1.26.8", ["tool", "nm", path])).split("\n")) {
    const [, address = "", kind = "", name = ""] = /^ *([0-9a-f]+) (\S) (.*)$/.exec(line) ?? [];
    if (kind.toUpperCase() !== "T") continue;
    const key = Number.parseInt(address, 16);
    symbols.set(key, (symbols.get(key) ?? new Set()).add(name.replace(/\.abi0$/, "")));
  }
  return symbols;
}

/** Go's functions have their package before a dot; C's have none, but for clones that the compiler made. */
function isNoGoFunction(name: string): boolean {
  return !name.includes(".") || /^runtime\.e?text$|\.(part|cold|constprop|isra)(\.|$)/.test(name);
}

for (const build of plainBuilds) {
  test(`a stripped twin has the same functions: ${describeBuild(build)}`, async (t) => {
    const whole = await openServer(t, build);
    const stripped = await openServer(t, { ...build, flags: ["-ldflags=-s -w"] });
    assert.deepEqual([...stripped.functions.all()], [...whole.functions.all()]);
  });
}

for (const build of allBuilds) {
  test(`finds by name and by address what it lists: ${describeBuild(build)}`, async (t) => {
    const { functions } = await openServer(t, build);
    const byName = groupedByName(functions.all());
    const names = [...byName.keys()].filter((_, i) => i % 50 === 0);
    const found = functions.findAll(new Set([...names, "main.absent", ""]));
    assert.deepEqual([...found.keys()].sort(), names.sort());
    for (const name of names) assert.deepEqual(found.get(name), byName.get(name));
    for (const fn of names.flatMap((name) => byName.get(name) ?? [])) {
      assert.deepEqual(functions.at(fn.address), fn);
      assert.deepEqual(functions.at(fn.end - 1), fn);
    }
    assert.deepEqual(functions.find("main.main"), byName.get("main.main"));
    assert.deepEqual(functions.find("main.mai"), []);
    assert.equal(functions.at(0), undefined);
    assert.equal(functions.at(Math.max(...[...functions.all()].map(({ end }) => end))), undefined);
  });
}

function groupedByName(functions: Iterable<ReturnType<GoBinary["functions"]["find"]>[number]>) {
  const groups = new Map<string, ReturnType<GoBinary["functions"]["find"]>>();
  for (const fn of functions) groups.set(fn.name, [...(groups.get(fn.name) ?? []), fn]);
  return groups;
}

test("a name that stands twice is found twice", async (t) => {
  const { functions } = await openServer(t, { go: "1.26.8" });
  const twice = [...groupedByName(functions.all())].find(([, group]) => group.length > 1);
  assert.ok(twice, "the program has such a name");
  assert.deepEqual(functions.find(twice[0]), twice[1]);
});

test("code is what stands in the file", async (t) => {
  const builds: Build[] = [{ go: "1.26.8" }, { go: "1.22.12", env: { GOARCH: "arm64" } }];
  for (const build of builds) {
    const binary = await openServer(t, build);
    const file = openSync(binary.path, "r");
    t.after(() => closeSync(file));
    for (const name of ["net/http.(*conn).serve", "main.main"]) {
      const [fn] = binary.functions.find(name);
      assert.ok(fn);
      const expected = Buffer.alloc(fn.end - fn.address);
      readSync(file, expected, 0, expected.length, binary.fileOffset(fn.address) ?? -1);
      assert.ok(expected.length > 100);
      assert.deepEqual(Buffer.from(binary.code(fn)), expected);
    }
  }
});
