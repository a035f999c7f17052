import assert from "node:assert/strict";
import test from "node:test";
import { openGoBinary } from "../../src/binary/index.ts";
import type { ReturnSite } from "../../src/libraries/descriptor.ts";
import { findReturns } from "../../src/plan/returns.ts";
import type { FoundReturns } from "../../src/plan/types.ts";
import { buildRpc, goCommand, type rpcBuilds } from "../fixtures/go-binaries.ts";
import { binaryOf, type Part } from "./hand-made.ts";

const F = { call: "a.F" };
/** Results in AX, BX, CX and DI: the type word of the error is CX. */
const site: ReturnSite = { at: "return", functions: ["a.F"], results: 4, callers: "anywhere", when: "error" };

/** Where the probe goes in a.G, or why it is hit on every return. */
function outcome(...code: readonly Part[]): string {
  const [found] = findReturns(
    binaryOf([
      ["a.F", "c3"],
      ["a.G", ...code],
    ]),
    [site],
  );
  assert.ok(found && !("reason" in found));
  const { sites, kinds, always } = found;
  assert.deepEqual([...kinds.values()], sites.length > 0 ? ["site"] : [...kinds.values()]);
  const [place] = sites;
  if (!place) return [...kinds.values()].join();
  assert.deepEqual(place.returnAddresses, [...kinds.keys()]);
  assert.equal(place.flagsTest, false);
  return `${place.address.toString(16)}${always.length > 0 ? " always" : ""}`;
}

test("the branch that an error takes, however the caller jumps", () => {
  const cases: readonly [readonly Part[], string][] = [
    [[F, "4885c9 7501 c3 4889c8 c3"], "40200b"], // TESTQ CX, CX; JNE; RET; MOVQ CX, AX
    [[F, "4885c9 0f8501000000 c3 4889c8 c3"], "40200f"],
    [[F, "4885c9 7401 c3 4889c8 c3"], "40200a"], // JEQ leaves the error's branch behind
    [[F, "4885c9 7402 90 c3 90 c3"], "40200a"],
    [[F, "0f1f00 4889442438 4885c9 7501 c3 4889c8 c3"], "402013"], // NOP; AX to the stack
    [[F, "90 4885c9 7501 c3 4889c8 c3"], "40200c"],
    [[F, "4885c9 7502 ebfe 4889c8 c3"], "40200c"], // behind a jump
  ];
  for (const [code, expected] of cases) assert.equal(outcome(...code), expected);
});

test("without such a branch the probe goes where every return comes by", () => {
  const cases: readonly (readonly Part[])[] = [
    [F, "4885db 7501 c3 4889c8 c3"], // another register is tested
    [F, "4885cb 7501 c3 4889c8 c3"], // two of them
    [F, "85c9 7501 c3 4889c8 c3"], // half of it
    [F, "4885c9 7f01 c3 4889c8 c3"], // JGT
    [F, "4885c9 7500 4889c8 c3"], // what succeeds comes there too
    [F, "4885c9 7501 90 4889c8 c3"], // runs into it
    [F, "4885c9 7501 c3 4889c8 ebfb"], // another jump leads there
    [F, "4885c9 7503 c3 ffe2 4889c8 c3"], // one that may
    [F, "7400 4885c9 7501 c3 4889c8 c3"], // the test is not made on each way
    [F, "4885c9 7570 c3 90"], // out of the function
    [F, "90 31ff 4885c9 7501 c3 4889c8 c3"], // DI, of the error, is lost
    [F, "90 4883c408 4885c9 7501 c3 4889c8 c3"], // the stack has changed
  ];
  for (const code of cases) assert.match(outcome(...code), / always$/, JSON.stringify(code));
});

test("a caller that hands the results through has callers that may look at the error", () => {
  const binary = binaryOf([
    ["a.F", "c3"],
    ["a.G", F, "4883c418 5d c3"],
    ["a.H", { call: "a.G" }, "4885c9 7501 c3 4889c8 c3"],
  ]);
  const [found] = findReturns(binary, [site]);
  assert.ok(found && !("reason" in found));
  assert.deepEqual(
    found.sites.map(({ address }) => address),
    [0x40300b],
  );
});

const newStream: ReturnSite = {
  at: "return",
  functions: ["google.golang.org/grpc.newClientStream"],
  results: 4,
  callers: "package",
  when: "error",
  orItself: { constant: "itself", hiddenBy: "any caller" },
};

const builds: readonly [keyof typeof rpcBuilds, readonly string[]][] = [
  ["1.14", []],
  ["1.40", []],
  ["1.60", []],
  ["newest", []],
  ["newest", ["-buildmode=pie"]],
];

for (const [version, flags] of builds)
  test(`grpc.invoke's branch of an error is as disassembled: grpc ${version} ${flags}`, async () => {
    const path = await buildRpc(version, flags);
    const { always, sites } = placesIn(path);
    assert.deepEqual(always, []);
    const inInvoke = sites.filter(({ function: { name } }) => name === "google.golang.org/grpc.invoke");
    assert.deepEqual(
      inInvoke.map(({ address }) => address),
      [await branchOf(path)],
    );
    // What is stripped has the same code in the same order.
    const stripped = placesIn(await buildRpc(version, [...flags, "-ldflags=-s -w"]));
    const relative = (found: FoundReturns) =>
      found.sites.map(({ address, function: fn }) => address - fn.address);
    assert.deepEqual(relative(stripped), relative(placesIn(path)));
  });

test("what the compiler has not optimised is probed itself, where that is asked for; so is all on arm64", async () => {
  const unoptimised = placesIn(await buildRpc("newest", ["-gcflags=all=-N -l"])).sites;
  const onArm = placesIn(await buildRpc("newest", [], { GOARCH: "arm64" })).sites;
  assert.ok(unoptimised.length > 0 && onArm.length > 0);
  for (const { function: fn, instruction } of [...unoptimised, ...onArm])
    assert.deepEqual([fn.name, instruction.kind], ["google.golang.org/grpc.newClientStream", "ret"]);
});

function placesIn(path: string): FoundReturns {
  const binary = openGoBinary(path);
  const [found] = findReturns(binary, [newStream]);
  binary.close();
  assert.ok(found && !("reason" in found), JSON.stringify(found));
  return found;
}

/** The target of the first JNE behind the call, as `go tool objdump` has it, whose next line returns the error. */
async function branchOf(path: string): Promise<number> {
  const listing = await goCommand("1.26.8", [
    "tool",
    "objdump",
    "-s",
    "google.golang.org/grpc.invoke$",
    path,
  ]);
  const behind = listing.slice(listing.indexOf("CALL google.golang.org/grpc.newClientStream(SB)"));
  const target = /\tJNE (0x[0-9a-f]+)/.exec(behind)?.[1] ?? "none";
  const line = listing.split("\n").find((each) => each.includes(`\t${target}\t`)) ?? "";
  assert.match(line, /call\.go:68\t.*MOVQ CX, AX/);
  return Number(target);
}
