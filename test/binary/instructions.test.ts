import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeAll } from "../../src/binary/instructions/index.ts";
import type { Architecture } from "../../src/binary/types.ts";

/** Encodings that Go's compiler hardly writes, and what Linux does with them: arch/x86/kernel/uprobes.c. */
const amd64: readonly [hex: string, kind: string, emulated: boolean, target?: number][] = [
  ["55", "push", true],
  ["4155", "push", true], // PUSHQ R13
  ["4855", "push", false], // a REX other than 41
  ["6655", "push", false],
  ["ff7508", "other", false], // PUSHQ 8(BP)
  ["6a01", "other", false], // PUSHQ $1
  ["74fe", "jcc", true, 0x1000],
  ["0f8400010000", "jcc", true, 0x1106],
  ["660f8400010000", "jcc", false, 0x1107],
  ["e3fe", "jcc", false, 0x1000], // JRCXZ
  ["eb10", "jmp", true, 0x1012],
  ["e9fbffffff", "jmp", true, 0x1000],
  ["e800000000", "call", true, 0x1005],
  ["6690", "other", false], // NOP of two bytes
  ["90", "nop", true],
  ["f390", "other", false], // PAUSE
  ["4190", "other", false], // XCHGQ R8, AX
  ["c3", "ret", false],
  ["ffd0", "call-indirect", false],
  ["41ff24c4", "jmp-indirect", false],
  ["48b88877665544332211", "other", false], // MOVQ $imm64, AX
  ["66b83412", "other", false], // MOVW $imm16, AX
  ["48a18877665544332211", "other", false], // MOVQ moffs64, AX
  ["67a188776655", "other", false], // MOVL moffs32, AX
  ["66f7c03412", "other", false], // TESTW $imm16, AX
  ["f6d8", "other", false], // NEGB AX, no immediate
  ["c8200000", "other", false], // ENTER
  ["c5f877", "other", false], // VZEROUPPER
  ["c4e37d39c101", "other", false], // VEXTRACTI128 $1, Y0, X1
  ["62f1fd48ef4401ff", "other", false], // VPXORQ with EVEX, SIB and disp8
  ["64488b042500000000", "other", false], // MOVQ FS:0, AX
];

test("amd64: kind, length, target and emulation of single instructions", () => {
  for (const [hex, kind, emulated, target] of amd64) {
    const code = Buffer.from(hex, "hex");
    const { instructions, stoppedAt } = decodeAll(code, 0x1000, "amd64");
    const expected = { address: 0x1000, length: code.length, kind, target, emulated };
    assert.deepEqual({ instructions, stoppedAt }, { instructions: [expected], stoppedAt: undefined }, hex);
  }
});

test("arm64: literal loads are simulated, other loads are not", () => {
  const words = ["41000058", "41000098", "400040f9"]; // LDR X1, 8; LDRSW X1, 8; LDR X0, [X2, #128]
  const { instructions } = decodeAll(Buffer.from(words.join(""), "hex"), 0x1000, "arm64");
  assert.deepEqual(
    instructions.map(({ kind, emulated }) => [kind, emulated]),
    [
      ["other", true],
      ["other", true],
      ["other", false],
    ],
  );
});

test("the walk tells where it stopped: at an unknown or a cut off instruction", () => {
  const cases: readonly [Architecture, string, number, number][] = [
    ["amd64", "55060055", 1, 0x1001], // 06 is no instruction in 64-bit mode
    ["amd64", "55e80000", 1, 0x1001],
    ["amd64", "554889", 1, 0x1001],
    ["amd64", "550f", 1, 0x1001],
    ["amd64", `${"66".repeat(15)}90`, 0, 0x1000], // longer than 15 bytes
    ["arm64", "1f2003d51f20", 1, 0x1004],
  ];
  for (const [arch, hex, count, address] of cases) {
    const { instructions, stoppedAt } = decodeAll(Buffer.from(hex, "hex"), 0x1000, arch);
    assert.deepEqual([instructions.length, stoppedAt], [count, address], hex);
  }
});

test("no bytes make the walk fail or run past their end", () => {
  let state = 1;
  const bytes = Buffer.from(
    Array.from({ length: 4096 }, () => {
      state = (state * 1103515245 + 12345) % 2 ** 31;
      return state >> 16;
    }),
  );
  for (const arch of ["amd64", "arm64"] as const) {
    for (let start = 0; start < bytes.length; start++) {
      const { instructions } = decodeAll(bytes.subarray(start, start + 40), 0, arch);
      const size = instructions.reduce((sum, { length }) => sum + length, 0);
      assert.ok(size <= 40);
    }
  }
});
