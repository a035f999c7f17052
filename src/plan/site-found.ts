import type { Instruction } from "../binary/instructions/instruction.ts";
import type { GoBinary, GoFunction } from "../binary/types.ts";
import { siteReasons } from "../report/site.ts";
import type { Refusal } from "./site-function.ts";

/** One instruction that a probe goes on. */
export interface FoundSite {
  readonly function: GoFunction;
  /** Virtual address in the file, before any load bias. */
  readonly address: number;
  readonly fileOffset: number;
  readonly instruction: Instruction;
  /**
   * True when the instruction is the stack check's branch: it runs again after the stack has grown, and the program
   * must skip the hits where the flags say that it will branch (ebpf/include/arch.h).
   */
  readonly flagsTest: boolean;
  /** Of a place behind a return: the return addresses that lead to it, in the file. Empty for other places. */
  readonly returnAddresses: readonly number[];
}

/**
 * Refuses what is not in the file, and what the kernel would single-step, unless it is a RET that is wanted or a place
 * that is seldom hit (`stepped`).
 */
export function placeSite(
  binary: GoBinary,
  fn: GoFunction,
  instruction: Instruction,
  returnAddresses?: readonly number[],
  { stepped = false } = {},
): FoundSite | Refusal {
  const { address, emulated, kind } = instruction;
  if (!emulated && kind !== "ret" && !stepped) return { reason: siteReasons.notEmulated(fn.name, address) };
  const fileOffset = binary.fileOffset(address);
  if (fileOffset === undefined) return { reason: siteReasons.notInFile(fn.name, address) };
  const flagsTest = kind === "jcc" && returnAddresses === undefined;
  return {
    function: fn,
    address,
    fileOffset,
    instruction,
    flagsTest,
    returnAddresses: returnAddresses ?? [],
  };
}
