import assert from "node:assert/strict";
import { test } from "node:test";
import { g } from "../../src/binary/go-facts/goroutine.ts";
import { scratch } from "../../src/binary/go-facts/prologue.ts";
import { registers } from "../../src/binary/go-facts/registers.ts";
import type { Architecture } from "../../src/binary/types.ts";
import { prologues } from "../../src/plan/site-prologue.ts";

/** The patterns hold registers and an offset as parts of instructions: encoded here from the facts. */
const guardAt = g.fields.stackguard0.at;

/** "R14" → 14 */
const numberOf = (register: string) => Number(register.slice(1));

function isPartOf(arch: Architecture, bytes: Uint8Array): boolean {
  return prologues[arch].some(({ instructions }) => instructions.some((matches) => matches(bytes)));
}

test("the stack check of amd64 compares with stackguard0 of the goroutine", () => {
  const base = numberOf(registers.amd64.g.value);
  const temporary = numberOf(scratch.amd64.frameEnd.value);
  // CMPQ reg, guardAt(base): REX.W with the high bits of both registers, 3B, ModRM with a displacement of a byte.
  const compare = (reg: number) =>
    Buffer.from([
      0x48 | ((reg >> 3) << 2) | (base >> 3),
      0x3b,
      0x40 | ((reg & 7) << 3) | (base & 7),
      guardAt,
    ]);
  const sp = 4;
  assert.ok(isPartOf("amd64", compare(sp)));
  assert.ok(isPartOf("amd64", compare(temporary)));
  assert.ok(!isPartOf("amd64", compare(numberOf("R13"))));
});

test("the stack check of arm64 compares with stackguard0 of the goroutine", () => {
  const { guard, frameEnd, constant } = scratch.arm64;
  const [rGuard, rFrameEnd, rConstant] = [guard.value, frameEnd.value, constant.value].map(numberOf);
  const word = (bits: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(bits >>> 0);
    return bytes;
  };
  const load = (base: number) => word(0xf9400000 | ((guardAt / 8) << 10) | (base << 5) | (rGuard ?? 0));
  const compare = (reg: number) => word(0xeb00001f | ((rGuard ?? 0) << 16) | (reg << 5));
  const moveConstant = (reg: number) => word(0xd2800000 | (0x123 << 5) | reg);
  assert.ok(isPartOf("arm64", load(numberOf(registers.arm64.g.value))));
  assert.ok(!isPartOf("arm64", load(numberOf("R27"))));
  assert.ok(isPartOf("arm64", compare(rFrameEnd ?? 0)));
  assert.ok(!isPartOf("arm64", compare(numberOf("R15"))));
  assert.ok(isPartOf("arm64", moveConstant(rConstant ?? 0)));
  assert.ok(!isPartOf("arm64", moveConstant(numberOf("R26"))));
});
