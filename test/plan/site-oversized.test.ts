// Functions that are longer, or call more, than any that a compiler made.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GoBinary } from "../../src/binary/types.ts";
import { findSite } from "../../src/plan/site.ts";

const [address, length] = [0x400000, 5];

/** A function F of these calls, by number: 0 calls A, 1 calls B, and others jump to the next instruction. */
function binaryOf(calls: readonly number[]): GoBinary {
  const end = address + calls.length * length;
  const functions = [
    { name: "F", address, end },
    { name: "A", address: 0x1000000, end: 0x1000010 },
    { name: "B", address: 0x1000010, end: 0x1000020 },
  ];
  const code = Buffer.alloc(calls.length * length, Buffer.from([0xe9, 0, 0, 0, 0]));
  for (const [i, called] of calls.entries()) {
    const target = functions[called + 1]?.address;
    if (target === undefined) continue;
    code[i * length] = 0xe8;
    code.writeInt32LE(target - (address + (i + 1) * length), i * length + 1);
  }
  return {
    arch: "amd64",
    functions: {
      find: (name: string) => functions.filter((fn) => fn.name === name),
      at: (at: number) => functions.find((fn) => at >= fn.address && at < fn.end),
    },
    code: () => code,
    fileOffset: (at: number) => at,
  } as unknown as GoBinary;
}

const findCall = (calls: readonly number[]) =>
  findSite(binaryOf(calls), { at: "call", function: "F", after: "A", callee: "B" });

test("20,000 calls, each with 20,000 steps to the next", () => {
  const found = findCall([...Array<number>(20_000).fill(0), ...Array<number>(20_000).fill(9), 1]);
  assert.ok("reason" in found && /is followed by a call of A/.test(found.reason));
  const pairs = Array.from({ length: 40_000 }, (_, i) => i % 2);
  const all = findCall(pairs);
  assert.ok("addresses" in all && all.addresses.length === 20_000);
});

test("a function of a megabyte", () => {
  const found = findCall(Array<number>(200_000).fill(9));
  assert.ok("reason" in found);
  assert.match(found.reason, /^F would have 1000000 bytes/);
});
