import assert from "node:assert/strict";
import { test } from "node:test";
import type { GoBinary } from "../../src/binary/types.ts";
import { type FunctionSite, findSite } from "../../src/plan/site.ts";
import { binaryOf, type Part } from "./hand-made.ts";

const check = "493b6610 7620"; // CMPQ SP, 16(R14); JLS +32
const body = `${"90".repeat(32)} c3`;

function outcome(binary: GoBinary, site: FunctionSite): string {
  const found = findSite(binary, site);
  if ("reason" in found) return found.reason;
  return found.addresses.map((it) => `${it.instruction.kind} at 0x${it.address.toString(16)}`).join(", ");
}

const entry: FunctionSite = { at: "entry", functions: ["F"] };

test("entry: the prologues of Go's compiler, and nothing else", () => {
  const odd = "F does not start the way Go's compiler starts a function with a frame";
  const cases: readonly [string, string][] = [
    [`${check} 55 ${body}`, "push at 0x401006"],
    [`493b6610 0f8620000000 55 ${body}`, "push at 0x40100a"],
    [`4c8d6424e8 4d3b6610 7620 55 ${body}`, "push at 0x40100b"],
    [`4c8da42400ffffff 4d3b6610 7620 55 ${body}`, "push at 0x40100e"],
    [`4989e4 4981ec00100000 7230 4d3b6610 7620 55 ${body}`, "push at 0x401012"],
    [`55 ${body}`, "push at 0x401000"],
    // Up to Go 1.20 the branch itself, in front of SUBQ $n, SP or ADDQ $-128, SP.
    [`${check} 4883ec20 ${body}`, "jcc at 0x401004"],
    [`${check} 4883c480 ${body}`, "jcc at 0x401004"],
    [`4c8d6424c8 4d3b6610 0f8620000000 4881ecb8000000 ${body}`, "jcc at 0x401009"],
    [`4989e4 4981ec00100000 7230 4d3b6610 7620 4881ec00100000 ${body}`, "jcc at 0x401010"],
    [`4883ec20 ${body}`, odd], // nosplit
    [`${check} 4883c420 ${body}`, odd], // ADDQ $32, SP
    [`c3`, odd],
    [`${check} 4889d8 55 ${body}`, odd], // MOVQ BX, AX: arguments are gone
    [`${check} 53 ${body}`, odd], // PUSHQ BX
    [`493b6610 7720 55 ${body}`, odd], // JHI
    [`4883f800 7620 55 ${body}`, odd], // CMPQ AX, $0
    [`${check}`, odd],
    [``, odd],
  ];
  for (const [code, expected] of cases) assert.equal(outcome(binaryOf([["F", code]]), entry), expected, code);
});

test("entry: refused when a jump leads between the function's start and the site", () => {
  const reason = "a jump inside F leads into its first instructions";
  assert.equal(outcome(binaryOf([["F", `${check} 55 ebfd`]]), entry), reason); // JMP to the PUSHQ
  assert.equal(outcome(binaryOf([["F", `${check} 55 ebf7`]]), entry), "push at 0x401006"); // to the start
  assert.equal(outcome(binaryOf([["F", `${check} 4883ec20 ebf8`]]), entry), reason); // JMP to the JLS
  assert.equal(outcome(binaryOf([["F", `${check} 4883ec20 ebf4`]]), entry), "jcc at 0x401004"); // to the start
});

test("entry: refused when an instruction of the function is unknown", () => {
  const reason = "F holds an instruction at 0x401007 that this version does not know";
  assert.equal(outcome(binaryOf([["F", `${check} 55 06 c3`]]), entry), reason);
});

test("entry on arm64: the stack check's branch; a function without one is refused", () => {
  const check64 = "900b40f9 ff6330eb 89020054 fe0f1df8 c0035fd6";
  assert.equal(outcome(binaryOf([["F", check64]], "arm64"), entry), "jcc at 0x401008");
  const check118 = "900b40f9 f1030091 3f0210eb 89020054 fe0f1df8 c0035fd6";
  assert.equal(outcome(binaryOf([["F", check118]], "arm64"), entry), "jcc at 0x40100c");
  const nosplit = "fe0f1df8 c0035fd6";
  assert.match(outcome(binaryOf([["F", nosplit]], "arm64"), entry), /does not start/);
});

test("entry: the first name that the binary has counts, with all its entries", () => {
  const site: FunctionSite = { at: "entry", functions: ["new", "old"] };
  const code = `55 ${body}`;
  assert.equal(outcome(binaryOf([["old", code]]), site), "push at 0x401000");
  assert.equal(
    outcome(
      binaryOf([
        ["old", code],
        ["new", code],
      ]),
      site,
    ),
    "push at 0x402000",
  );
  assert.equal(
    outcome(
      binaryOf([
        ["new", code],
        ["new", code],
      ]),
      site,
    ),
    "push at 0x401000, push at 0x402000",
  );
  assert.equal(outcome(binaryOf([["F", code]]), site), "the binary has none of new, old");
  assert.equal(outcome(binaryOf([["old", code]]), entry), "the binary has no function F");
});

const call: FunctionSite = { at: "call", function: "F", after: "A", callee: "B" };
const A = { call: "A" };
const B = { call: "B" };
const others: readonly [string, string][] = [
  "A",
  "B",
  "C",
  "runtime.gcWriteBarrier1",
  "runtime.racewrite",
  "runtime.retpolineSI",
  "runtime.panicIndex",
].map((name) => [name, "c3"]);

test("call: found behind moves, indirect calls and what the compiler inserts", () => {
  const barrier = { call: "runtime.gcWriteBarrier1" };
  const race = { call: "runtime.racewrite" };
  const panic = { call: "runtime.panicIndex" };
  const cases: readonly [readonly Part[], string][] = [
    [[A, B, "c3"], "call at 0x401005"],
    [[A, "4889c3 ffd6", B, "c3"], "call at 0x40100a"],
    [[A, { call: "runtime.retpolineSI" }, B, "c3"], "call at 0x40100a"], // with -spectre=ret
    [[A, race, barrier, B, "c3"], "call at 0x40100f"],
    [[A, "7405", panic, B, "c3"], "call at 0x40100c"], // JEQ over the panic
    [[A, "7406", B, "c3", B, "c3"], "call at 0x401007, call at 0x40100d"],
    [[B, A, "ebf4"], "call at 0x401000"], // JMP back to the call
    [[A, B, A, B, "c3"], "call at 0x401005, call at 0x40100f"],
  ];
  for (const [code, expected] of cases) {
    assert.equal(outcome(binaryOf([["F", ...code], ...others]), call), expected);
  }
});

test("call: refused with what stands there instead", () => {
  const instead = (found: string) => `in F the call of A is followed by ${found}, not by a call of B`;
  const cases: readonly [readonly Part[], string][] = [
    [[B, "c3"], "F has no direct call of A; a build with a profile (PGO) may have it inlined"],
    [["ffd0", B, "c3"], "F has no direct call of A; a build with a profile (PGO) may have it inlined"],
    [[A, { call: "C" }, B, "c3"], instead("a call of C at 0x401005")],
    [[A, "7401 c3", B, "c3"], instead("a return at 0x401007")],
    [[A, "7405", B, "ffe0"], instead("a jump at 0x40100c")],
    [[A, "e9 00000100"], instead("a jump at 0x401005")], // out of the function
    [[A, "ebfe"], instead("nothing")],
    [[A], instead("nothing")],
    [[A, B, A, "c3"], instead("a return at 0x40100f")],
    [[A, "e800000100", B], instead("a call of an unknown function at 0x401005")],
  ];
  for (const [code, expected] of cases) {
    assert.equal(outcome(binaryOf([["F", ...code], ...others]), call), expected);
  }
});
