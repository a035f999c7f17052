import assert from "node:assert/strict";
import { test } from "node:test";
import type { GoBinary } from "../../src/binary/types.ts";
import type { ReturnSite } from "../../src/libraries/descriptor.ts";
import { findReturns } from "../../src/plan/returns.ts";
import { findReturnSite } from "../../src/plan/site-return.ts";
import { binaryOf, type Part } from "./hand-made.ts";

const site: ReturnSite = { at: "return", functions: ["a.F"], results: 3, callers: "anywhere" };
const F = { call: "a.F" };
const other = { call: "a.other" };
/** ADDQ $24, SP; POPQ BP; RET */
const epilogue = "4883c418 5d c3";

/** What was found of the callers in `functions`, which stand from 0x403000 on, one a page. */
function outcome(
  functions: readonly (readonly [name: string, ...code: Part[]])[],
  changed: Partial<ReturnSite> = {},
): string {
  const binary = binaryOf([["a.F", "c3"], ["a.other", "c3"], ...functions]);
  const [found] = findReturns(binary, [{ ...site, ...changed }]);
  assert.ok(found);
  if ("reason" in found) return found.reason;
  const reasons = new Map(found.unseen.map(({ returnAddress, reason }) => [returnAddress, reason]));
  for (const [address, kind] of found.kinds) {
    const learned = findReturnSite(binary, address, { ...site, ...changed, firstResult: 0 });
    assert.deepEqual(
      [learned.kind, "reason" in learned ? learned.reason : undefined],
      [kind, reasons.get(address)],
    );
  }
  for (const place of found.sites) {
    assert.ok(place.instruction.emulated && !place.flagsTest);
    assert.equal(place.fileOffset, binary.fileOffset(place.address));
  }
  return [...found.kinds]
    .map(([address, kind]) => {
      const at = found.sites.find(({ returnAddresses }) => returnAddresses.includes(address));
      if (at) return `${at.instruction.kind} at ${at.address.toString(16)}`;
      return reasons.get(address) ?? `${kind} ${address.toString(16)}`;
    })
    .join(", ");
}

test("a caller's first instruction that the kernel emulates, the results still in registers", () => {
  const cases: readonly [readonly Part[], string][] = [
    [[F, "7400 c3"], "jcc at 403005"],
    [[F, "0f8500000000 c3"], "jcc at 403005"],
    [[F, "eb00 c3"], "jmp at 403005"],
    [[F, "90 c3"], "nop at 403005"],
    [[F, other, "c3"], "call at 403005"],
    [[F, "4889442438 48895c2440 4885db 7500 c3"], "jcc at 403012"], // to the stack; TESTQ BX, BX
    [[F, "488b542410 488b32 6690 90 c3"], "nop at 40300f"], // into DX and SI
    [[F, "0f11442418 4889c7 90 c3"], "nop at 40300d"], // DI is no result of three
    [[F, "90 e8000000ff", F, "7400 c3"], "nop at 403005, jcc at 403010"],
  ];
  for (const [code, expected] of cases) assert.equal(outcome([["b.G", ...code]]), expected);
});

test("a caller without a place, with the reason", () => {
  const lost = (at: string) => `b.G goes on with an instruction at 0x${at} that may overwrite the results`;
  const cases: readonly [readonly Part[], string][] = [
    [[F, "488b442418 7500 c3"], lost("403005")], // MOVQ 24(SP), AX
    [[F, "4889c3 90"], lost("403005")], // MOVQ AX, BX
    [[F, "31c9 90"], lost("403005")], // XORL CX, CX
    [[F, "4887d8 90"], lost("403005")], // XCHGQ BX, AX
    [[F, "f348ab 90"], lost("403005")], // REP STOSQ: not known
    [[F, "0fa2 90"], lost("403005")], // CPUID
    [[F, "488b0a ffd1 c3"], lost("403005")], // CX is a result
    [[F, "488b32 ffd6 c3"], "b.G goes on with an indirect call at 0x403008"],
    [[F, "4883c418 5d e900000000"], lost("40300a")], // a jump without a frame
    [[F], "b.G has no place for a probe behind 0x403005"],
    [[F, "4889442438"], "b.G has no place for a probe behind 0x403005"],
  ];
  for (const [code, expected] of cases) assert.equal(outcome([["b.G", ...code]]), expected);
});

test("results on the stack must be there still", () => {
  const lost = (at: string) => `b.G goes on with an instruction at 0x${at} that may overwrite the results`;
  const cases: readonly [readonly Part[], string][] = [
    [[F, "0f100424 0f11842400010000 7500 c3"], "jcc at 403011"], // MOVUPS 0(SP), X0; MOVUPS X0, 256(SP)
    [[F, "488d3424 488dbc2400010000", other, "c3"], "call at 403011"], // LEAQ 0(SP), SI; LEAQ 256(SP), DI
    [[F, "4c8b6c2418 4585ed 7500 c3"], "jcc at 40300d"], // MOVQ 24(SP), R13
    [[F, "0f11442410 90"], lost("403005")], // MOVUPS X0, 16(SP)
    [[F, "48c7042400000000 90"], lost("403005")], // MOVQ $0, 0(SP)
    [[F, "4c896c247f 90"], lost("403005")], // MOVQ R13, 127(SP)
    [[F, "4c89ac2480000000 90 c3"], "nop at 40300d"], // MOVQ R13, 128(SP)
    [[F, "48896c24f0 488d6c24f0", other, "c3"], "call at 40300f"], // as Go calls DUFFCOPY: MOVQ BP, -16(SP); LEAQ -16(SP), BP
    [[F, "0f114424f8 90"], lost("403005")], // MOVUPS X0, -8(SP)
    [[F, "4c892c34 90"], lost("403005")], // MOVQ R13, 0(SP)(SI*1)
    [[F, "488d3c24 4c892f 90"], lost("403009")], // LEAQ 0(SP), DI; MOVQ R13, 0(DI)
    [[F, "488d3c24 488b3f 4c892f 90 c3"], "nop at 40300f"], // LEAQ 0(SP), DI; MOVQ 0(DI), DI; MOVQ R13, 0(DI)
    [[F, "4889e7 4c892f 90"], lost("403008")], // MOVQ SP, DI; MOVQ R13, 0(DI)
    [[F, "4889e6 4889f7 4c892f 90"], lost("40300b")], // MOVQ SP, SI; MOVQ SI, DI; MOVQ R13, 0(DI)
    [[F, "488d942400020000 4889e6 440f1036 440f1132 90 c3"], "nop at 403018"], // MOVUPS 0(SI), X14; MOVUPS X14, 0(DX)
  ];
  for (const [code, expected] of cases)
    assert.equal(outcome([["b.G", ...code]], { results: 2, onStack: 128 }), expected);
});

test("what is no result may be overwritten", () => {
  const code: Part[] = [F, "4889c3 90 c3"]; // MOVQ AX, BX
  assert.equal(outcome([["b.G", ...code]], { results: 1 }), "nop at 403008");
  assert.match(outcome([["b.G", ...code]], { results: 2 }), /may overwrite/);
  assert.equal(outcome([["b.G", F, "4889c8 90"]], { results: 0 }), "nop at 403008");
});

test("callers that hand the results through lead to their callers", () => {
  const through: readonly Part[] = [F, epilogue];
  assert.equal(outcome([["b.G", ...through]]), "through 403005");
  assert.equal(outcome([["b.G", F, "4883c418 5d 90 c3"]]), "through 403005"); // a NOP behind the epilogue
  assert.equal(
    outcome([
      ["b.G", ...through],
      ["b.H", { call: "b.G" }, "7400 c3"],
      ["b.I", { call: "b.G" }, "31c0 c3"],
    ]),
    "through 403005, jcc at 404005, b.I goes on with an instruction at 0x405005 that may overwrite the results",
  );
});

test("a function that jumps to it has its callers; one that jumps to its own start is none", () => {
  assert.equal(
    outcome([
      ["b.G", "488b00", { jump: "a.F" }],
      ["b.H", { call: "b.G" }, "7400 c3"],
    ]),
    "jcc at 404005",
  );
  assert.equal(outcome([["b.G", { jump: "b.G" }]]), "");
});

test("only so many callers of callers are looked for; recursion has an end", () => {
  const names = ["a.F", "b.0", "b.1", "b.2", "b.3", "b.4", "b.5", "b.6"];
  const chain = names.slice(1).map((name, i) => [name, { call: names[i] ?? "" }, epilogue] as const);
  assert.equal(outcome(chain).split(", ").length, 5);
  assert.equal(outcome([["b.G", F, { call: "b.G" }, epilogue]]), "call at 403005");
  assert.equal(
    outcome([["b.G", "7505", F, epilogue, { call: "b.G" }, epilogue]]),
    "through 403007, through 403012",
  );
});

test("callers in other packages count when they are asked for", () => {
  const functions: (readonly [string, ...Part[]])[] = [
    ["a.G", F, "7400 c3"],
    ["ab.G", F, "7400 c3"],
    ["a.(*T).H.func1", F, "7400 c3"],
    ["b.G", F, "7400 c3"],
  ];
  assert.equal(outcome(functions, { callers: "package" }), "jcc at 403005, jcc at 405005");
  assert.equal(outcome(functions).split(", ").length, 4);
});

test("indirect calls of the named functions that have a place", () => {
  const functions: (readonly [string, ...Part[]])[] = [
    ["b.send", "ffd1 7400 ffd1 31c0 ffd1 c3"],
    ["b.G", { call: "b.send" }, "90 c3"],
  ];
  assert.equal(
    outcome(functions, { indirectIn: ["b.send", "b.none"] }),
    "jcc at 403002, through 40300a, nop at 404005",
  );
  assert.equal(outcome(functions), "");
});

test("bytes that look like a call are none", () => {
  // MOVQ $…, AX, and a JMP that ends in them.
  assert.equal(outcome([["b.G", "48b8 00", F, "0000 90 c3"]]), "");
  assert.equal(
    outcome([
      ["b.G", "e90000", F, "9090909090"],
      ["b.H", { call: "b.G" }, "90"],
    ]),
    "",
  );
});

test("return addresses that are none", () => {
  const binary = binaryOf([
    ["a.F", "c3"],
    ["b.G", "90", F, "7400 c3"],
    ["runtime.deferreturn", "ffd1 7400 c3"],
    ["b.broken", "06", F, "90"],
  ]);
  const reasonOf = (address: number, of: GoBinary = binary) => {
    const found = findReturnSite(of, address, { results: 3 });
    return found.kind === "none" ? found.reason : found.kind;
  };
  assert.equal(reasonOf(0x402006), "site");
  for (const address of [
    0,
    0x402000,
    0x402001,
    0x402005,
    0x402007,
    0x402008,
    0x500000,
    Number.MAX_SAFE_INTEGER,
  ])
    assert.match(reasonOf(address), /^no call of a function of Go stands before 0x/, address.toString(16));
  assert.match(reasonOf(0x403002), /^it returns to runtime\.deferreturn, as deferred calls/);
  assert.match(reasonOf(0x404006), /^b\.broken holds an instruction/);
  assert.match(reasonOf(0x402006, { ...binary, arch: "arm64" }), /^no call/);
});

test("more callers than there is room for are counted", () => {
  const code: Part[] = Array.from({ length: 2000 }, (_, i) => (i % 2 === 0 ? { call: "b.F" } : "90"));
  const functions = [0, 1].map((i) => [`b.G${i}`, ...code.slice(0, 1200)] as const);
  const binary = binaryOf([["b.F", "c3"], ...functions]);
  const [found] = findReturns(binary, [{ ...site, functions: ["b.F"] }]);
  assert.ok(found && "kinds" in found);
  assert.deepEqual([found.kinds.size, found.omitted], [1000, 200]);
});

test("a function that is not there, or on arm64 never returns, is refused", () => {
  const [missing] = findReturns(binaryOf([["b.G", "c3"]]), [site]);
  assert.deepEqual(missing, { reason: "the binary has no function a.F" });
  const [endless] = findReturns(binaryOf([["a.F", "00000014"]], "arm64"), [site]);
  assert.deepEqual(endless, { reason: "a.F has no instruction that returns" });
});
