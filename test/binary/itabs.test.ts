import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import type { Itab } from "../../src/binary/types.ts";
import { goCommand } from "../fixtures/go-binaries.ts";
import { allBuilds, describeBuild, openServer } from "./programs.ts";

/** From Go 1.27 on the linker makes no symbols for itabs. */
const withSymbols = allBuilds.filter(({ go }) => !go.startsWith("1.27."));

for (const build of withSymbols) {
  test(`itabs are those of go tool nm: ${describeBuild(build)}`, async (t) => {
    const { go, env = {} } = build;
    const twin = await openServer(t, { go, env });
    const symbols = await goCommand("1.26.8", ["tool", "nm", twin.path]);
    const expected = [...symbols.matchAll(/ go:itab\.(.*)$/gm)].map(([, name = ""]) => asRuntimeSays(name));
    const binary = await openServer(t, build);
    const found = binary.itabs().map(describeItab);
    assert.deepEqual(found.filter(isNamed).sort(), expected.filter(isNamed).sort());
    assert.equal(found.length, expected.length);
    assert.ok(found.includes("*net/http.response,net/http.ResponseWriter"));
  });
}

/** The linker escapes dots in paths and numbers types that are local to functions. */
function asRuntimeSays(name: string): string {
  return name.replaceAll("%2e", ".").replace(/[.·]\d+(?=,|$)/g, "");
}

/** The two write interfaces without a name in different ways. */
function isNamed(itab: string): boolean {
  return !itab.includes("interface {");
}

function describeItab({ concreteName, interfaceName }: Itab): string {
  return `${concreteName},${interfaceName}`;
}

const atFixedAddresses = allBuilds.filter(
  ({ flags, env }) => !flags?.includes("-buildmode=pie") && env?.GOARCH === undefined,
);

for (const build of atFixedAddresses) {
  test(`itabs are where the running program has them: ${describeBuild(build)}`, async (t) => {
    const binary = await openServer(t, build);
    const { stdout } = await promisify(execFile)(binary.path, ["-truth"]);
    const found = new Map(binary.itabs().map((itab) => [describeItab(itab), itab.address]));
    for (const [name, address] of Object.entries(JSON.parse(stdout).itabs)) {
      assert.equal(found.get(name), address, name);
    }
    assert.ok(found.size > 250, `${found.size} itabs`);
  });
}

test("itabs of Go 1.27 are read to their end", async (t) => {
  for (const flags of [[], ["-ldflags=-s -w"], ["-buildmode=pie", "-ldflags=-s -w"]]) {
    const found = (await openServer(t, { go: "1.27.4", flags })).itabs().map(describeItab);
    assert.ok(found.includes("*net/http.response,net/http.ResponseWriter"));
    // A wrong length would lead into the middle of the next one, which has no names.
    assert.deepEqual(
      found.filter((itab) => itab.startsWith(",") || itab.endsWith(",")),
      [],
    );
  }
});
