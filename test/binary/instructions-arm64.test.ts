import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeAll } from "../../src/binary/instructions/index.ts";
import type { Instruction, InstructionKind } from "../../src/binary/instructions/instruction.ts";
import { buildGo, goCommand, goVersions, serverSource } from "../fixtures/go-binaries.ts";
import { listFunctions } from "./instructions-functions.ts";

const conditional = /^(B(EQ|NE|HS|LO|CS|CC|MI|PL|VS|VC|HI|LS|GE|LT|GT|LE)|CBN?ZW?|TBN?Z)$/;

for (const go of goVersions) {
  test(`agrees with the disassembler of Go ${go} on every function`, async (t) => {
    const path = await buildGo({ go, source: serverSource, env: { GOARCH: "arm64" } });
    const functions = await listFunctions(path, go);
    const entries = new Map(functions.map(({ name, address }) => [name, address]));
    const decoded = new Map<number, Instruction>();
    for (const { code, address } of functions) {
      for (const it of decodeAll(code, address, "arm64").instructions) decoded.set(it.address, it);
    }
    let compared = 0;
    for (const line of (await goCommand(go, ["tool", "objdump", path])).split("\n")) {
      const [, address = "", , text = "?"] = line.split(/\t+/);
      const instruction = decoded.get(Number(address));
      if (text === "?" || !instruction) continue; // padding, data
      compare(instruction, text, entries);
      compared++;
    }
    assert.ok(compared > 200_000, `${compared} instructions`);
    t.diagnostic(`${functions.length} functions, ${compared} instructions`);
  });
}

function compare(instruction: Instruction, text: string, entries: ReadonlyMap<string, number>): void {
  const [mnemonic = ""] = text.split(" ");
  const kind = kindOf(mnemonic, text);
  const simulated = kind !== "nop" && (kind !== "other" || /^(ADRP? |MOV(D|WU?) -?\d+\(PC\), )/.test(text));
  const place = `${text} at ${instruction.address.toString(16)}`;
  assert.equal(instruction.kind, kind, `kind of ${place}`);
  assert.equal(instruction.emulated, simulated, `emulation of ${place}`);
  const [, distance] = /(-?\d+)\(PC\)$/.exec(text) ?? [];
  const [, symbol] = /(\S+)\(SB\)$/.exec(text) ?? [];
  if (kind !== "jmp" && kind !== "jcc" && kind !== "call") assert.equal(instruction.target, undefined, place);
  else if (distance) assert.equal(instruction.target, instruction.address + Number(distance) * 4, place);
  else if (entries.has(symbol ?? "")) assert.equal(instruction.target, entries.get(symbol ?? ""), place);
}

function kindOf(mnemonic: string, text: string): InstructionKind {
  if (conditional.test(mnemonic)) return "jcc";
  if (mnemonic === "JMP") return /\(R\d+\)$/.test(text) ? "jmp-indirect" : "jmp";
  if (mnemonic === "CALL") return /\(R\d+\)$/.test(text) ? "call-indirect" : "call";
  if (mnemonic === "RET") return "ret";
  return mnemonic === "NOOP" ? "nop" : "other";
}
