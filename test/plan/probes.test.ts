import assert from "node:assert/strict";
import test from "node:test";
import { parseGoVersion } from "../../src/binary/go-version.ts";
import { openGoBinary } from "../../src/binary/index.ts";
import type { Architecture, GoBinary } from "../../src/binary/types.ts";
import type { ProbeSpec, ReturnSite } from "../../src/libraries/descriptor.ts";
import { library } from "../../src/libraries/net/http/server/index.ts";
import { planProbes } from "../../src/plan/probes.ts";
import { argumentsOnStack } from "../../src/plan/version.ts";
import { buildGo, callersSource, serverSource } from "../fixtures/go-binaries.ts";
import { binaryOf } from "./hand-made.ts";

function onStack(text: string, arch: Architecture): string | undefined {
  const version = parseGoVersion(text);
  assert.ok(version, text);
  return argumentsOnStack(version, arch);
}

test("arguments are in registers since Go 1.17, on arm64 since 1.18, unless an experiment says no", () => {
  const cases: readonly [string, amd64: string | undefined, arm64: string | undefined][] = [
    ["go1.16.15", "1.17", "1.18"],
    ["go1.17.13", undefined, "1.18"],
    ["go1.18", undefined, undefined],
    ["devel go1.28-abcdef Tue Jan 5 10:00:00 2027 +0000", undefined, undefined],
    ["go1.17.13 X:noregabiargs", "1.17", "1.18"],
    ["go1.18.10 X:noregabiwrappers,noregabireflect,noregabiargs", "1.17", "1.18"],
    ["go1.24.13 X:noswissmap", undefined, undefined],
  ];
  for (const [text, amd64, arm64] of cases)
    assert.deepEqual([onStack(text, "amd64"), onStack(text, "arm64")], [amd64, arm64], text);
});

/** The test program's binary, changed. */
async function refusalOf(change: (binary: GoBinary) => PropertyDescriptorMap): Promise<string | undefined> {
  const binary = openGoBinary(await buildGo({ go: "1.26.8", source: serverSource }));
  try {
    return planProbes(Object.create(binary, change(binary)) as GoBinary, library).refusal;
  } finally {
    binary.close();
  }
}

test("a program with its arguments on the stack is refused with the version that it needs", async () => {
  const goVersion = parseGoVersion("go1.17.13");
  const reason = await refusalOf(({ buildInfo }) => ({
    arch: { value: "arm64" },
    buildInfo: { value: { ...buildInfo, goVersion } },
  }));
  assert.match(reason ?? "", /^go1\.17\.13 passes arguments on the stack; this needs Go 1\.18 or later/);
});

test("entries of two kinds in one object are refused", async () => {
  assert.equal(await refusalOf(() => ({})), undefined);
  const older = Buffer.from("493b661076054883ec20c3c3", "hex"); // CMPQ SP, 16(R14); JLS +5; SUBQ $32, SP; RET
  const reason = await refusalOf((binary) => ({
    code: {
      value: (fn: Parameters<GoBinary["code"]>[0]) =>
        fn.name === "net/http.(*conn).serve.func1" ? older : binary.code(fn),
    },
  }));
  assert.match(reason ?? "", /^some functions start with PUSHQ BP, others as up to Go 1\.20/);
});

test("a probe behind a return: places, return addresses, and what goes without", async () => {
  const binary = openGoBinary(await buildGo({ go: "1.26.8", source: callersSource }));
  const end = (name: string, callers: ReturnSite["callers"], optional = false): ProbeSpec => ({
    name: `${name} end`,
    program: "ended",
    site: { at: "return", functions: [`database/sql.${name}`], results: 2, callers },
    optional,
  });
  const probesOf = (...probes: readonly ProbeSpec[]) => planProbes(binary, { ...library, probes });

  const { programs, returnSites, without, refusal } = probesOf(
    end("(*Tx).Commit", "anywhere"),
    end("(*Tx).rollback", "anywhere"),
    end("(*Tx).nowhere", "anywhere", true),
  );
  assert.equal(refusal, undefined);
  const [program, ...others] = programs;
  assert.deepEqual([program?.program, program?.learned, others], ["ended", true, []]);
  const sites = program?.sites ?? [];
  assert.ok(sites.length > 1);
  assert.equal(new Set(sites.map(({ address }) => address)).size, sites.length);
  for (const { returnAddresses } of sites)
    for (const address of returnAddresses) assert.equal(returnSites.get(address), "site");
  const kinds = [...returnSites.values()];
  assert.equal(kinds.filter((kind) => kind === "site").length, sites.length);
  assert.equal(kinds.filter((kind) => kind === "none").length, without.length);

  // Its callers are in other packages: they are learned.
  const [unseen, ...more] = probesOf(end("(*Tx).Commit", "package")).programs;
  assert.deepEqual([unseen?.sites, unseen?.learned, more], [[], true, []]);

  const missing = probesOf(end("(*Tx).nowhere", "anywhere"));
  assert.match(missing.refusal ?? "", /^\(\*Tx\)\.nowhere end: the binary has no function database\/sql/);
  assert.deepEqual(missing.programs, []);
  binary.close();
});

test("two functions with one caller have one place there, and callers without one are named up to a number", () => {
  const through = ["c3"] as const;
  const callers = Array.from({ length: 8 }, (_, i) => [`b.G${i}`, { call: "a.F" }, "31c0 c3"] as const);
  const binary = binaryOf([
    ["a.E", ...through],
    ["a.F", ...through],
    ["b.both", "7506", { call: "a.E" }, "c3", { call: "a.F" }, "c3"],
    ["b.caller", { call: "b.both" }, "7400 c3"],
    ...callers,
  ]);
  const probes = ["a.E", "a.F"].map(
    (name): ProbeSpec => ({
      name,
      program: "ended",
      site: { at: "return", functions: [name], results: 1, callers: "anywhere" },
    }),
  );
  const goVersion = parseGoVersion("go1.26.8");
  const { programs, without, refusal } = planProbes(Object.assign(binary, { buildInfo: { goVersion } }), {
    ...library,
    probes,
  });
  assert.equal(refusal, undefined);
  assert.deepEqual(
    programs.map(({ sites }) => sites.map(({ function: fn }) => fn.name)),
    [["b.caller"]],
  );
  assert.equal(without.length, 6);
  assert.equal(without.at(-1), "a.F: 3 more callers without a place for a probe");
});
