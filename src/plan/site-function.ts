import { decodeAll } from "../binary/instructions/index.ts";
import type { Instruction } from "../binary/instructions/instruction.ts";
import type { Architecture, GoBinary, GoFunction } from "../binary/types.ts";
import { siteReasons } from "../report/site.ts";

/** A probe can't be placed; `reason` is for the user. */
export interface Refusal {
  readonly reason: string;
}

/** A function with every instruction of it known. */
export interface DecodedFunction {
  readonly fn: GoFunction;
  readonly arch: Architecture;
  readonly instructions: readonly Instruction[];
  /** Machine code of one of the function's instructions. */
  bytes(instruction: Instruction): Uint8Array;
}

/** Bytes. The largest function that a probe goes into, net/http.(*conn).serve, has 6,400. */
const maxLength = 256 * 1024;

export function decodeFunction(binary: GoBinary, fn: GoFunction): DecodedFunction | Refusal {
  if (fn.end - fn.address > maxLength) return { reason: siteReasons.tooLong(fn.name, fn.end - fn.address) };
  const code = binary.code(fn);
  const { instructions, stoppedAt } = decodeAll(code, fn.address, binary.arch);
  if (stoppedAt !== undefined) return { reason: siteReasons.undecodable(fn.name, stoppedAt) };
  const bytes = ({ address, length }: Instruction) =>
    code.subarray(address - fn.address, address - fn.address + length);
  return { fn, arch: binary.arch, instructions, bytes };
}
