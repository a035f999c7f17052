import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { openGoBinary } from "../../src/binary/index.ts";
import { decodeAll } from "../../src/binary/instructions/index.ts";
import { packageOf } from "../../src/binary/package-of.ts";
import type { GoBinary, GoFunction } from "../../src/binary/types.ts";
import type { ReturnSite } from "../../src/libraries/descriptor.ts";
import { codeOfPackage } from "../../src/plan/callers.ts";
import { findReturns } from "../../src/plan/returns.ts";
import type { Refusal } from "../../src/plan/site.ts";
import { findReturnSite } from "../../src/plan/site-return.ts";
import type { FoundReturns } from "../../src/plan/types.ts";
import { listFunctions } from "../binary/instructions-functions.ts";
import { type Build, describeBuild } from "../binary/programs.ts";
import { buildGo, callersSource } from "../fixtures/go-binaries.ts";

const sites: readonly ReturnSite[] = [
  {
    at: "return",
    functions: ["net/http.(*Transport).roundTrip"],
    results: 3,
    callers: "anywhere",
    indirectIn: ["net/http.send"],
  },
  ofDatabase("(*DB).queryDC", 3, "package"),
  ofDatabase("(*DB).execDC", 4, "package"),
  ofDatabase("(*DB).beginDC", 3, "package"),
  ofDatabase("(*DB).prepareDC", 3, "package"),
  ofDatabase("(*DB).pingDC", 2, "anywhere"),
  ofDatabase("(*Tx).Commit", 2, "anywhere"),
  ofDatabase("(*Tx).rollback", 2, "anywhere"),
  ofDatabase("(*Stmt).QueryContext", 3, "anywhere"),
  ofDatabase("(*Stmt).ExecContext", 4, "anywhere"),
];

function ofDatabase(name: string, results: number, callers: ReturnSite["callers"]): ReturnSite {
  return { at: "return", functions: [`database/sql.${name}`], results, callers };
}

function accepted(outcome: FoundReturns | Refusal | undefined): FoundReturns {
  assert.ok(outcome && !("reason" in outcome), outcome && "reason" in outcome ? outcome.reason : "");
  return outcome;
}

const builds: readonly Build[] = [
  { go: "1.20.14" },
  { go: "1.22.12" },
  { go: "1.26.8" },
  { go: "1.26.8", flags: ["-ldflags=-s -w"] },
  { go: "1.26.8", flags: ["-buildmode=pie"] },
  { go: "1.27.4", flags: ["-ldflags=-s -w"] },
];

for (const build of builds)
  test(`the stacks of a running program are as found: ${describeBuild(build)}`, async () => {
    const path = await buildGo({ ...build, source: callersSource });
    const binary = openGoBinary(path);
    const stacks = await stacksOf(binary, path);
    const all = findReturns(binary, sites);
    for (const [index, site] of sites.entries()) {
      const seen = stacks.flatMap((stack) => follow(binary, accepted(all[index]), site, stack));
      assert.ok(seen.length > 0, site.functions[0]);
    }
    binary.close();
  });

/** What the program prints, as return addresses in the file. */
async function stacksOf(binary: GoBinary, path: string): Promise<readonly (readonly number[])[]> {
  const { stdout } = await promisify(execFile)(path);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(" "));
  const [[main] = [], ...stacks] = lines.map((words) => words.map((word) => Number.parseInt(word, 16)));
  const bias = (main ?? 0) - (binary.functions.find("main.main")[0]?.address ?? 0);
  return stacks.map((stack) => stack.map((address) => address - bias));
}

/** Goes up a stack from the traced function, as the BPF programs do. Returns what ended the way, if it is on it. */
function follow(
  binary: GoBinary,
  { kinds, sites }: FoundReturns,
  site: ReturnSite,
  stack: readonly number[],
): readonly string[] {
  const isTraced = (address: number) => site.functions.includes(binary.functions.at(address - 1)?.name ?? "");
  const last = stack.findLastIndex(isTraced);
  if (last < 0) return [];
  for (const address of stack.slice(last + 1)) {
    const kind = kinds.get(address);
    const learned = findReturnSite(binary, address, site);
    if (kind !== undefined) assert.equal(learned.kind, kind, `at ${address.toString(16)}`);
    if (learned.kind === "site") {
      assert.deepEqual(learned.site.returnAddresses, [address]);
      const planned = sites.some((it) => it.address === learned.site.address);
      assert.equal(planned, kind === "site");
    }
    if (learned.kind !== "through") return [learned.kind];
  }
  return [];
}

test("all direct callers are found, and callers of what hands results through", async () => {
  const go = "1.26.8";
  const path = await buildGo({ go, source: callersSource });
  const binary = openGoBinary(path);
  const calls = await directCalls(path, go);
  const anywhere = sites.map((site): ReturnSite => ({ ...site, callers: "anywhere", indirectIn: [] }));
  for (const [index, outcome] of findReturns(binary, anywhere).entries()) {
    const { kinds } = accepted(outcome);
    const through = [...kinds].flatMap(([address, kind]) => (kind === "through" ? [address - 1] : []));
    const targets = [
      ...binary.functions.find(anywhere[index]?.functions[0] ?? "").map(({ address }) => address),
      ...through.map((address) => binary.functions.at(address)?.address ?? 0),
    ];
    const expected = targets.flatMap((target) => calls.get(target) ?? []);
    assert.deepEqual(sorted(kinds.keys()), sorted(new Set(expected)), anywhere[index]?.functions[0]);
  }
  binary.close();
});

/** Return addresses by called address, of every direct call in the program. */
async function directCalls(path: string, go: string): Promise<ReadonlyMap<number, readonly number[]>> {
  const calls = new Map<number, number[]>();
  for (const { address, code } of await listFunctions(path, go)) {
    for (const { kind, target, ...call } of decodeAll(code, address, "amd64").instructions) {
      if (kind !== "call" || target === undefined) continue;
      calls.set(target, [...(calls.get(target) ?? []), call.address + call.length]);
    }
  }
  return calls;
}

function sorted(numbers: Iterable<number>): readonly number[] {
  return [...numbers].sort((a, b) => a - b);
}

test("callers of the package alone, and those of the whole program", async () => {
  const path = await buildGo({ go: "1.26.8", source: callersSource });
  const binary = openGoBinary(path);
  const [all, own] = (["anywhere", "package"] as const).map((callers) => {
    const [outcome] = findReturns(binary, [ofDatabase("(*Tx).Commit", 2, callers)]);
    return accepted(outcome);
  });
  assert.deepEqual([...(own?.kinds ?? [])], []);
  assert.equal(own?.learned, true);
  const kinds = [...(all?.kinds ?? [])].map(
    ([address, kind]) => `${kind} in ${binary.functions.at(address - 1)?.name}`,
  );
  assert.equal(kinds.length, 3);
  for (const kind of ["site in main.callDatabase", "through in main.commit"])
    assert.ok(kinds.includes(kind), kind);
  binary.close();
});

test("the code of a package is all its functions that lie side by side", async () => {
  const path = await buildGo({ go: "1.26.8", source: callersSource });
  const binary = openGoBinary(path);
  const all = [...binary.functions.all()];
  for (const name of ["database/sql.(*DB).queryDC", "net/http.send", "errors.New", "main.main"]) {
    const isOther = (fn: GoFunction) => packageOf(fn.name) !== packageOf(name);
    const at = all.findIndex((fn) => fn.name === name);
    const fn = all[at];
    assert.ok(fn);
    const members = all.slice(
      all.slice(0, at).findLastIndex(isOther) + 1,
      at + all.slice(at).findIndex(isOther),
    );
    assert.ok(members.length > 1);
    const { address, length } = codeOfPackage(binary, fn);
    assert.deepEqual([address, address + length], [members[0]?.address, members.at(-1)?.end], name);
  }
  binary.close();
});

const own = (["amd64", "arm64"] as const).map((GOARCH) => ({
  GOARCH,
  wanted: GOARCH === "arm64" ? sites : sites.map((site): ReturnSite => ({ ...site, callers: "itself" })),
}));

for (const { GOARCH, wanted } of own)
  test(`each RET of the function itself: ${GOARCH}`, async () => {
    const path = await buildGo({ go: "1.26.8", source: callersSource, env: { GOARCH } });
    const binary = openGoBinary(path);
    const listed = await listFunctions(path, "1.26.8");
    for (const [index, outcome] of findReturns(binary, wanted).entries()) {
      const { sites: places, kinds, unseen, learned } = accepted(outcome);
      const fn = listed.find(({ name }) => wanted[index]?.functions[0] === name);
      assert.ok(fn);
      const { instructions } = decodeAll(fn.code, fn.address, GOARCH);
      const expected = instructions.flatMap(({ kind, address }) => (kind === "ret" ? [address] : []));
      assert.ok(expected.length > 0);
      assert.deepEqual(sorted(places.map(({ address }) => address)), expected);
      assert.ok(places.every(({ flagsTest, returnAddresses }) => !flagsTest && returnAddresses.length === 0));
      assert.deepEqual([kinds.size, unseen.length, learned], [0, 0, false]);
    }
    binary.close();
  });

test("where a wrapper of its own package hides the results, a function is probed itself, if it may be", async () => {
  const orItself = { constant: "round_trip_itself", hiddenBy: "its package" } as const;
  const [roundTrip] = sites;
  assert.ok(roundTrip);
  for (const { flags, itself } of [
    { flags: ["-gcflags=all=-N -l"], itself: true },
    { flags: [], itself: false },
  ]) {
    const binary = openGoBinary(await buildGo({ go: "1.26.8", source: callersSource, flags }));
    const [found, never] = findReturns(binary, [{ ...roundTrip, orItself }, roundTrip]);
    assert.ok(found && never && !("reason" in found) && !("reason" in never));
    assert.equal(found.learned, !itself);
    const kinds = new Set(found.sites.map(({ instruction }) => instruction.kind));
    assert.equal(kinds.has("ret"), itself, [...kinds].join());
    assert.equal(never.learned, true);
    binary.close();
  }
});
