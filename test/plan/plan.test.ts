import assert from "node:assert/strict";
import test from "node:test";
import { openGoBinary } from "../../src/binary/index.ts";
import type { Library } from "../../src/libraries/descriptor.ts";
import { library } from "../../src/libraries/net/http/server/index.ts";
import { planLibraries } from "../../src/plan/plan.ts";
import type { LibraryPlan } from "../../src/plan/types.ts";
import { buildGo, serverSource } from "../fixtures/go-binaries.ts";

const path = await buildGo({ go: "1.26.8", source: serverSource, flags: ["-ldflags=-s -w"] });

function plan(changed: Library, disabled: readonly string[] = [], loadBias = 0): LibraryPlan {
  const binary = openGoBinary(path);
  const [first] = planLibraries(binary, [changed], { disabled, loadBias, offsets: () => [] });
  binary.close();
  assert.ok(first);
  return first;
}

function attachment(of: LibraryPlan) {
  assert.ok(of.status === "attach", of.status === "attach" ? "" : of.reason);
  return of;
}

test("the net/http server is attached, ends before starts", () => {
  const { programs, without } = attachment(plan(library));
  assert.deepEqual(
    programs.map(({ program }) => program),
    ["handler_returned", "connection_ended", "stream_ended", "handler_called"].map(
      (name) => `http_server_${name}`,
    ),
  );
  assert.deepEqual(without, []);
});

test("itabs are addresses in the target's memory", () => {
  const at = (bias: number) =>
    attachment(plan(library, [], bias))
      .globals.get("writer_http1")
      ?.readBigUInt64LE() ?? 0n;
  assert.ok(at(0) > 0n);
  assert.equal(at(0x1000) - at(0), 0x1000n);
});

test("a library is disabled by its import path or a part of it, not by a part of a word", () => {
  for (const name of ["net/http", "net/http/server", "http", "server"])
    assert.equal(plan(library, [name]).status, "disabled", name);
  for (const name of ["ht", "net/httpx", ""]) assert.equal(plan(library, [name]).status, "attach", name);
});

test("an optional field that is nowhere costs only what needs it", () => {
  const fields = { ...library.fields, http2_status: { names: ["net/http.nowhere.status"], optional: true } };
  const { globals, without } = attachment(plan({ ...library, fields }));
  assert.equal(globals.has("writer_http2"), false);
  assert.equal(globals.has("writer_http1"), true);
  assert.deepEqual(without, ["requests of *net/http.http2responseWriter: it lacks http2_status"]);
});

test("a required field that is nowhere skips the library and is named", () => {
  const fields = { ...library.fields, request_host: { names: ["net/http.Request.Hosts"] } };
  const skipped = plan({ ...library, fields });
  assert.equal(skipped.status, "skipped");
  assert.match("reason" in skipped ? skipped.reason : "", /net\/http\.Request\.Hosts/);
});

test("a probe without a place skips the library, an optional one is left out", () => {
  const site = { at: "entry", functions: ["net/http.(*conn).nowhere"] } as const;
  const replaced = (optional: boolean) =>
    library.probes.map((probe) => (probe.name === "HTTP/1 panic" ? { ...probe, site, optional } : probe));
  assert.equal(plan({ ...library, probes: replaced(false) }).status, "skipped");
  assert.equal(attachment(plan({ ...library, probes: replaced(true) })).programs.length, 3);
});

test("a Go older than the library's oldest is refused by name", () => {
  const refused = plan({ ...library, since: "1.99" });
  assert.equal(refused.status, "skipped");
  assert.match("reason" in refused ? refused.reason : "", /go1\.26\.8 is older than Go 1\.99/);
});

test("a library that the program does not use is absent", () => {
  const probes = library.probes.map((probe) => ({
    ...probe,
    site: { at: "entry", functions: ["no.such"] } as const,
  }));
  assert.equal(plan({ ...library, probes }).status, "absent");
});
