import type { Architecture } from "../types.ts";
import { decodeAmd64 } from "./amd64.ts";
import { decodeArm64 } from "./arm64.ts";
import type { Instruction } from "./instruction.ts";

const decoders = { amd64: decodeAmd64, arm64: decodeArm64 } as const;

/**
 * Walks machine code from its first byte on, one instruction behind the other. `address` is the virtual address of
 * the first byte. The generator's return value says how the walk ended: undefined when all of `code` was decoded,
 * else the address of the instruction that is unknown or cut off.
 */
export function* decode(
  code: Uint8Array,
  address: number,
  arch: Architecture,
): Generator<Instruction, number | undefined> {
  const decodeOne = decoders[arch];
  for (let at = 0; at < code.length; ) {
    const instruction = decodeOne(code, at, address + at);
    if (!instruction) return address + at;
    yield instruction;
    at += instruction.length;
  }
  return undefined;
}

export interface DecodedCode {
  readonly instructions: readonly Instruction[];
  /** Address of the instruction that ended the walk early. */
  readonly stoppedAt: number | undefined;
}

/** The same walk, to its end. */
export function decodeAll(code: Uint8Array, address: number, arch: Architecture): DecodedCode {
  const walk = decode(code, address, arch);
  const instructions: Instruction[] = [];
  let step = walk.next();
  for (; !step.done; step = walk.next()) instructions.push(step.value);
  return { instructions, stoppedAt: step.value };
}
