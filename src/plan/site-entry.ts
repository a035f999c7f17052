import type { Instruction } from "../binary/instructions/instruction.ts";
import { siteReasons } from "../report/site.ts";
import type { DecodedFunction, Refusal } from "./site-function.ts";
import { type Prologues, prologues } from "./site-prologue.ts";

/**
 * The instruction behind which a call of the function can't be repeated by a growing stack, while all arguments are
 * still in registers: PUSHQ BP on amd64, or the stack check's own branch.
 */
export function findEntry(decoded: DecodedFunction, ways: Prologues = prologues): Instruction | Refusal {
  const { fn, arch, instructions } = decoded;
  const prologue = ways[arch].find((candidate) =>
    candidate.instructions.every((matches, index) => {
      const instruction = instructions[index];
      return instruction !== undefined && matches(decoded.bytes(instruction));
    }),
  );
  const entry = prologue && instructions[prologue.site];
  if (!entry) return { reason: siteReasons.unknownPrologue(fn.name) };
  if (isJumpedInto(decoded, entry)) return { reason: siteReasons.jumpedInto(fn.name) };
  return entry;
}

/** True when there is another way to the entry than falling through from the function's first instruction. */
function isJumpedInto({ fn, instructions }: DecodedFunction, entry: Instruction): boolean {
  return instructions.some(
    ({ target }) => target !== undefined && target > fn.address && target <= entry.address,
  );
}
