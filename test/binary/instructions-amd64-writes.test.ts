import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Decoder,
  DecoderOptions,
  type Instruction as IcedInstruction,
  InstructionInfoFactory,
  OpAccess,
  Register,
  RegisterExt,
} from "iced-x86";
import { decodeAmd64 } from "../../src/binary/instructions/amd64.ts";
import { maskOf, writtenRegisters } from "../../src/binary/instructions/amd64-writes.ts";
import { buildGo, goVersions, serverSource } from "../fixtures/go-binaries.ts";
import { listFunctions } from "./instructions-functions.ts";

const writes = new Set([OpAccess.Write, OpAccess.CondWrite, OpAccess.ReadWrite, OpAccess.ReadCondWrite]);
const factory = new InstructionInfoFactory();

/** What iced-x86 says, as our mask. */
function expectedOf(instruction: IcedInstruction): number {
  const info = factory.info(instruction);
  let mask = 0;
  for (const used of info.usedRegisters()) {
    const full = RegisterExt.fullRegister(used.register);
    if (writes.has(used.access) && full >= Register.RAX && full <= Register.R15)
      mask |= 1 << (full - Register.RAX);
    used.free();
  }
  info.free();
  return mask;
}

interface Seen {
  readonly known: number;
  readonly unknown: ReadonlyMap<string, number>;
}

/** Compares each different instruction once: operands that are numbers don't count. */
async function compareProgram(go: string): Promise<Seen> {
  const path = await buildGo({ go, source: serverSource, env: { GOARCH: "amd64" } });
  const seen = new Set<string>();
  const unknown = new Map<string, number>();
  let known = 0;
  for (const { name, address, code } of await listFunctions(path, go)) {
    for (let at = 0; at < code.length; ) {
      const instruction = decodeAmd64(code, at, address + at);
      assert.ok(instruction, `${name} at ${at}`);
      const bytes = code.subarray(at, at + instruction.length);
      at += instruction.length;
      if (instruction.kind !== "other" && instruction.kind !== "push" && instruction.kind !== "nop") continue;
      const hex = Buffer.from(bytes).toString("hex");
      const mask = writtenRegisters(bytes);
      if (mask === undefined) unknown.set(hex.slice(0, 6), (unknown.get(hex.slice(0, 6)) ?? 0) + 1);
      else known++;
      const shape = hex.slice(0, 10);
      if (mask === undefined || seen.has(shape)) continue;
      seen.add(shape);
      const decoder = new Decoder(64, bytes, DecoderOptions.None);
      const expected = decoder.decode();
      assert.equal(mask.toString(2), expectedOf(expected).toString(2), `${hex} in ${name}`);
      expected.free();
      decoder.free();
    }
  }
  return { known, unknown };
}

for (const go of goVersions) {
  test(`written registers as iced-x86 has them: a program of Go ${go}`, async (t) => {
    const { known, unknown } = await compareProgram(go);
    const others = [...unknown.values()].reduce((sum, count) => sum + count, 0);
    t.diagnostic(`${known} known, ${others} unknown`);
    assert.ok(known > 100_000 && others < known / 50, `${known} known, ${others} unknown`);
  });
}

test("written registers as iced-x86 has them: all opcodes and forms of ModRM", () => {
  let compared = 0;
  for (const prefix of ["", "66", "f2", "f3", "48", "41", "44", "4d", "40", "6648", "f348"]) {
    for (const map of ["", "0f"]) {
      for (let opcode = 0; opcode < 256; opcode++) {
        for (const modRM of [0x00, 0x05, 0x44, 0x84, 0xc0, 0xc5, 0xc7, 0xd8, 0xe1, 0xe6, 0xf0, 0xf9, 0xff]) {
          const head = Buffer.from(prefix + map, "hex");
          const code = Buffer.concat([head, Buffer.from([opcode, modRM]), Buffer.alloc(14 - head.length)]);
          compared += compareOne(code);
        }
      }
    }
  }
  assert.ok(compared > 10_000, `${compared}`);
});

function compareOne(code: Buffer): number {
  const decoder = new Decoder(64, code, DecoderOptions.None);
  const expected = decoder.decode();
  try {
    const ours = decodeAmd64(code, 0, 0);
    if (expected.isInvalid || !ours || ours.length !== expected.length) return 0;
    if (ours.kind !== "other" && ours.kind !== "push" && ours.kind !== "nop") return 0;
    const bytes = code.subarray(0, ours.length);
    const mask = writtenRegisters(bytes);
    if (mask === undefined) return 0;
    // Never fewer: what is said to be untouched is.
    assert.equal(expectedOf(expected) & ~mask, 0, `${bytes.toString("hex")}: ${mask.toString(2)}`);
    return 1;
  } finally {
    expected.free();
    decoder.free();
  }
}

test("names of registers become bits; others are refused", () => {
  assert.equal(maskOf(["AX", "BX", "CX", "R8"]), 0b1_0000_1011);
  assert.throws(() => maskOf(["X0"]), /no general register X0/);
});
