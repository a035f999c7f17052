import assert from "node:assert/strict";
import { test } from "node:test";
import { openGoBinary } from "../../src/binary/index.ts";
import type { Architecture, GoBinary } from "../../src/binary/types.ts";
import { type FoundSite, type FunctionSite, findSite } from "../../src/plan/site.ts";
import { buildServer } from "../e2e/support/server.ts";
import { buildGo, type GoBuild, goVersions, serverSource } from "../fixtures/go-binaries.ts";

const serveHTTP: FunctionSite = { at: "entry", functions: ["net/http.serverHandler.ServeHTTP"] };
const hijacked: FunctionSite = {
  at: "call",
  function: "net/http.(*conn).serve",
  after: "net/http.serverHandler.ServeHTTP",
  callee: "net/http.(*conn).hijacked",
};
const serveDefer: FunctionSite = { at: "entry", functions: ["net/http.(*conn).serve.func1"] };
const http2Defer: FunctionSite = {
  at: "entry",
  functions: [
    "net/http/internal/http2.(*serverConn).runHandler.func1",
    "net/http.(*http2serverConn).runHandler.func1",
  ],
};

type Entry = readonly [FunctionSite, hex: RegExp, distance: number];
type Entries = Readonly<Record<Architecture, readonly Entry[]>>;

/** Bytes of the instruction and its distance from the function's start, as `go tool objdump` shows them. */
const entries: Entries = {
  amd64: [
    [serveHTTP, /^55$/, 10],
    [serveDefer, /^55$/, 15],
    [http2Defer, /^55$/, 15],
  ],
  arm64: [
    [serveHTTP, /^[02468ace]9.{4}54$/, 8],
    [serveDefer, /^[02468ace]9.{4}54$/, 12],
    [http2Defer, /^[02468ace]9.{4}54$/, 12],
  ],
};

/** Up to Go 1.20 there is no PUSHQ BP, and serverHandler.ServeHTTP has a larger frame. */
const olderEntries: Entries = {
  amd64: [serveHTTP, serveDefer, http2Defer].map((site): Entry => [site, /^0f86.{8}$/, 9]),
  arm64: [serveHTTP, serveDefer, http2Defer].map((site): Entry => [site, /^[02468ace]9.{4}54$/, 12]),
};
const lastOlder = "1.20.14";

for (const GOARCH of ["amd64", "arm64"]) {
  test(`finds net/http's server: Go ${lastOlder} ${GOARCH}, stripped`, async () => {
    const program = { go: lastOlder, stripped: true, program: "std" } as const;
    const binary = openGoBinary(await buildServer(program, { GOARCH }));
    assertFindsServer(binary, olderEntries[binary.arch]);
    binary.close();
  });
}

const builds: readonly Omit<GoBuild, "source">[] = goVersions.flatMap((go) =>
  ["amd64", "arm64"].flatMap((GOARCH) => [
    { go, env: { GOARCH } },
    { go, env: { GOARCH }, flags: ["-ldflags=-s -w"] },
  ]),
);

for (const build of builds) {
  test(`finds net/http's server: ${describe(build)}`, async () => {
    const binary = openGoBinary(await buildGo({ ...build, source: serverSource }));
    assertFindsServer(binary, entries[binary.arch]);
    binary.close();
  });
}

/** Race checks and spilled values stand between the two calls in some of these. */
const oddBuilds: readonly Omit<GoBuild, "source">[] = [
  { go: "1.26.8", flags: ["-race"], env: { CGO_ENABLED: "1" } },
  { go: "1.26.8", flags: ["-buildmode=pie"], env: { CGO_ENABLED: "1" } },
  { go: "1.26.8", flags: ["-gcflags=all=-N -l"] },
];

for (const build of oddBuilds) {
  test(`finds net/http's server: ${describe(build)}`, async () => {
    const binary = openGoBinary(await buildGo({ ...build, source: serverSource }));
    for (const site of [serveHTTP, hijacked, serveDefer, http2Defer]) {
      const found = theOnly(binary, site);
      assert.equal(found.instruction.kind, site.at === "call" ? "call" : "push");
      assertSound(binary, found);
    }
    binary.close();
  });
}

function assertFindsServer(binary: GoBinary, expected: readonly Entry[]): void {
  for (const [site, hex, distance] of expected) {
    const found = theOnly(binary, site);
    assert.match(bytes(binary, found), hex);
    assert.equal(found.address - found.function.address, distance);
    assert.equal(found.flagsTest, found.instruction.kind === "jcc");
    assertSound(binary, found);
  }
  const end = theOnly(binary, hijacked);
  assert.equal(end.instruction.kind, "call");
  assert.equal(end.function.name, "net/http.(*conn).serve");
  assert.equal(binary.functions.at(end.instruction.target ?? 0)?.name, "net/http.(*conn).hijacked");
  assert.equal(end.flagsTest, false);
  assertSound(binary, end);
}

function describe({ go, flags = [], env = {} }: Omit<GoBuild, "source">): string {
  return [`Go ${go}`, ...Object.values(env), ...flags].join(" ");
}

function theOnly(binary: GoBinary, site: FunctionSite): FoundSite {
  const found = findSite(binary, site);
  assert.ok("addresses" in found, "reason" in found ? found.reason : "");
  assert.equal(found.addresses.length, 1);
  const [only] = found.addresses;
  assert.ok(only);
  return only;
}

function assertSound(binary: GoBinary, { function: fn, address, fileOffset, instruction }: FoundSite): void {
  assert.ok(instruction.emulated);
  assert.equal(instruction.address, address);
  assert.ok(address >= fn.address && address + instruction.length <= fn.end);
  assert.equal(fileOffset, binary.fileOffset(address));
}

function bytes(binary: GoBinary, { function: fn, address, instruction }: FoundSite): string {
  const start = address - fn.address;
  return Buffer.from(binary.code(fn).subarray(start, start + instruction.length)).toString("hex");
}
