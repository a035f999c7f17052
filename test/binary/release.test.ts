import assert from "node:assert/strict";
import { openSync, writeSync } from "node:fs";
import { type TestContext, test } from "node:test";
import type { GoBinary } from "../../src/binary/types.ts";
import { library } from "../../src/libraries/net/http/server/index.ts";
import { planLibraries } from "../../src/plan/plan.ts";
import { withTables } from "../fuzz/support/program.ts";
import { openUntilEnd, scratchFile, serverPath } from "./programs.ts";
import { refused } from "./refused.ts";

function saying(t: TestContext, go: string, version: string) {
  return serverPath({ go, flags: [`-ldflags=-s -w -X=runtime.buildVersion=${version}`] }).then((path) =>
    openUntilEnd(t, path),
  );
}

/** Without the addresses of types, which move with the text of a version. */
function layoutIn({ types }: GoBinary, name: string) {
  const layout = types.struct(name);
  assert.ok(layout);
  return { ...layout, fields: layout.fields.map(({ type, ...field }) => field) };
}

for (const go of ["1.24.13", "1.26.8", "1.27.4"]) {
  test(`a program of Go ${go} that says another release is read by the layout that fits`, async (t) => {
    const own = openUntilEnd(t, await serverPath({ go, flags: ["-ldflags=-s -w"] }));
    for (const version of ["go1.96.8", "go1.25.1", "go1.27rc1", "go1.28-devel_1f2e3d"]) {
      const binary = await saying(t, go, version);
      assert.equal(binary.buildInfo.goVersion.text, version);
      for (const name of ["net/http.Request", "runtime.g", "net/http.response"])
        assert.deepEqual(layoutIn(binary, name), layoutIn(own, name), `${name} of ${version}`);
      assert.deepEqual(binary.types.map("net/http.Header"), own.types.map("net/http.Header"), version);
      const [plan] = planLibraries(binary, [library], { disabled: [], loadBias: 0, offsets: () => [] });
      assert.equal(plan?.status, "attach", version);
    }
  });
}

test("a release that moved what it says of itself is named, and what to do", async (t) => {
  const path = scratchFile(
    t,
    await serverPath({ go: "1.27.4", flags: ["-ldflags=-s -w -X=runtime.buildVersion=go1.96.8"] }),
  );
  const types = withTables(path, 27, ({ memory, moduledataAddress }) =>
    memory.offsetOf(moduledataAddress + 192),
  );
  const file = openSync(path, "r+");
  const zeros = Buffer.alloc(200);
  writeSync(file, zeros, 0, zeros.length, types ?? 0);
  refused(path, /go1\.96\.8, which lays out its tables in a way .*doesn't know$/);
});
