import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Code,
  Decoder,
  DecoderOptions,
  FlowControl,
  type Instruction as IcedInstruction,
  Mnemonic,
} from "iced-x86";
import { decodeAll } from "../../src/binary/instructions/index.ts";
import type { InstructionKind } from "../../src/binary/instructions/instruction.ts";
import { buildGo, goVersions, serverSource } from "../fixtures/go-binaries.ts";
import { type ListedFunction, listFunctions } from "./instructions-functions.ts";

for (const go of goVersions) {
  test(`agrees with iced-x86 on every function of a Go ${go} program`, async (t) => {
    const path = await buildGo({ go, source: serverSource, env: { GOARCH: "amd64" } });
    const functions = await listFunctions(path, go);
    let instructions = 0;
    for (const fn of functions) instructions += compare(fn);
    assert.ok(functions.length > 5000, `${functions.length} functions`);
    t.diagnostic(`${functions.length} functions, ${instructions} instructions`);
  });
}

function compare(fn: ListedFunction): number {
  const decoded = decodeAll(fn.code, fn.address, "amd64");
  assert.equal(decoded.stoppedAt, undefined, `${fn.name} has an unknown instruction`);
  const decoder = new Decoder(64, fn.code, DecoderOptions.None);
  decoder.ip = BigInt(fn.address);
  for (const instruction of decoded.instructions) {
    const expected = decoder.decode();
    const place = `${fn.name} at ${instruction.address.toString(16)}`;
    assert.equal(instruction.length, expected.length, `length in ${place}`);
    assert.equal(instruction.kind, kindOf(expected), `kind in ${place}`);
    assert.equal(instruction.target, targetOf(expected), `target in ${place}`);
    expected.free();
  }
  assert.equal(decoder.canDecode, false, `${fn.name} has more instructions`);
  decoder.free();
  return decoded.instructions.length;
}

function kindOf(instruction: IcedInstruction): InstructionKind {
  if (instruction.mnemonic === Mnemonic.Push) return instruction.code === Code.Push_r64 ? "push" : "other";
  if (instruction.code === Code.Nopd && instruction.length === 1) return "nop";
  switch (instruction.flowControl) {
    case FlowControl.ConditionalBranch:
      return "jcc";
    case FlowControl.UnconditionalBranch:
      return "jmp";
    case FlowControl.Call:
      return instruction.isCallNear ? "call" : "other";
    case FlowControl.Return:
      return "ret";
    case FlowControl.IndirectCall:
      return "call-indirect";
    case FlowControl.IndirectBranch:
      return "jmp-indirect";
    default:
      return "other";
  }
}

function targetOf(instruction: IcedInstruction): number | undefined {
  const kind = kindOf(instruction);
  if (kind !== "jcc" && kind !== "jmp" && kind !== "call") return undefined;
  return Number(instruction.nearBranchTarget);
}
