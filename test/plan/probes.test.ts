import assert from "node:assert/strict";
import test from "node:test";
import { parseGoVersion } from "../../src/binary/go-version.ts";
import { openGoBinary } from "../../src/binary/index.ts";
import type { Architecture, GoBinary } from "../../src/binary/types.ts";
import { library } from "../../src/libraries/net/http/server/index.ts";
import { planProbes } from "../../src/plan/probes.ts";
import { argumentsOnStack } from "../../src/plan/version.ts";
import { buildGo, serverSource } from "../fixtures/go-binaries.ts";

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
