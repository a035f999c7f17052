import assert from "node:assert/strict";
import { test } from "node:test";
import { openServer } from "./programs.ts";

/** Names that some release has and others don't, and some that none has. */
const names = [
  "net/http.Request",
  "net/http.response",
  "net/http.http2responseWriter",
  "net/http/internal/http2.responseWriter",
  "runtime.hmap",
  "internal/runtime/maps.Map",
  "net/http.Absent",
  "example.com/absent.Request",
];

for (const go of ["1.22.12", "1.26.8", "1.27.4"]) {
  test(`types asked for together are those asked for one by one: Go ${go}`, async (t) => {
    const build = { go, flags: ["-ldflags=-s -w"] };
    const [alone, together] = [await openServer(t, build), await openServer(t, build)];
    together.types.prepare(names);
    const found = names.map((name) => together.types.struct(name));
    assert.deepEqual(
      found,
      names.map((name) => alone.types.struct(name)),
    );
    const there = names.filter((_, i) => found[i] !== undefined);
    const minor = Number(go.split(".")[1]);
    assert.deepEqual(there, [
      "net/http.Request",
      "net/http.response",
      minor >= 27 ? "net/http/internal/http2.responseWriter" : "net/http.http2responseWriter",
      minor >= 24 ? "internal/runtime/maps.Map" : "runtime.hmap",
    ]);
  });
}

test("packages are known by their functions", async (t) => {
  const { functions } = await openServer(t, { go: "1.26.8", flags: ["-ldflags=-s -w"] });
  for (const path of ["main", "runtime", "net/http", "internal/runtime/maps"])
    assert.ok(functions.hasPackage(path), path);
  for (const path of [
    "",
    "net",
    "http",
    "net/http/internal/http2",
    "net/htt",
    "net/http.Server",
    "main.main",
  ])
    assert.equal(functions.hasPackage(path), path === "net", path);
});
