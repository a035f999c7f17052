import { registers } from "../binary/go-facts/registers.ts";
import { testedRegister } from "../binary/instructions/amd64-tests.ts";
import { maskOf, writtenRegisters } from "../binary/instructions/amd64-writes.ts";
import type { Instruction } from "../binary/instructions/instruction.ts";
import type { GoBinary } from "../binary/types.ts";
import { siteReasons } from "../report/site.ts";
import { type FoundSite, placeSite } from "./site-found.ts";
import type { DecodedFunction, Refusal } from "./site-function.ts";
import { behind } from "./site-return.ts";

const resultRegisters = registers.amd64.arguments.value.split(" ");

/**
 * Where a caller goes on only when what it called has returned an error, the last two of `results` result registers:
 * behind the test `if err != nil`, made right after the call, the first instruction of the branch that an error takes,
 * all results from `first` on still in registers. The kernel may have to single-step it, which only errors pay for.
 * `call` is the call's index in the caller; for amd64.
 */
export function findErrorBranch(
  binary: GoBinary,
  decoded: DecodedFunction,
  call: number,
  results: number,
  first = 0,
): FoundSite | Refusal {
  const returnAddress = behind(decoded, call);
  const branch = branchOnError(decoded, call, results, first);
  const instruction = branch && instructionAt(decoded, branch);
  if (!branch || !instruction || !isReachedOnlyBy(decoded, instruction, branch))
    return { reason: siteReasons.noErrorBranch(decoded.fn.name, returnAddress) };
  return placeSite(binary, decoded.fn, instruction, [returnAddress], { stepped: true });
}

/** The way that an error takes: from the jump at this index to this address, by jumping or straight on. */
interface Branch {
  readonly jump: number;
  readonly jumps: boolean;
  readonly to: number;
}

/** Straight on from the call over what leaves the results alone, to a jump behind a test of the error's type word. */
function branchOnError(
  decoded: DecodedFunction,
  call: number,
  results: number,
  first: number,
): Branch | undefined {
  const kept = maskOf(resultRegisters.slice(first, results));
  const typeWord = maskOf(resultRegisters.slice(results - 2, results - 1));
  const { instructions } = decoded;
  for (let index = call + 1; index < instructions.length; index++) {
    const instruction = instructions[index] as Instruction;
    if (instruction.kind !== "other" && instruction.kind !== "nop") return undefined;
    const bytes = decoded.bytes(instruction);
    if (testedRegister(bytes) === typeWord) return branchOf(decoded, index + 1);
    const written = writtenRegisters(bytes);
    // The stack pointer may not move either: programs compare the depth of the stack.
    if (written === undefined || (written & (kept | maskOf(["SP"]))) !== 0) return undefined;
  }
  return undefined;
}

/** JNE goes to where an error leads, JEQ leaves it behind. */
function branchOf(decoded: DecodedFunction, jump: number): Branch | undefined {
  const instruction = decoded.instructions[jump];
  if (instruction?.kind !== "jcc" || instruction.target === undefined) return undefined;
  const [opcode = 0, second = 0] = decoded.bytes(instruction);
  const condition = opcode === 0x0f ? second & 0xf : opcode & 0xf;
  if (condition === 5) return { jump, jumps: true, to: instruction.target };
  return condition === 4 ? { jump, jumps: false, to: behind(decoded, jump) } : undefined;
}

function instructionAt({ instructions }: DecodedFunction, { to }: Branch): Instruction | undefined {
  return instructions.find(({ address }) => address === to);
}

/** Whether no other jump leads there, and nothing that stands before it runs into it. */
function isReachedOnlyBy(
  decoded: DecodedFunction,
  { address }: Instruction,
  { jump, jumps }: Branch,
): boolean {
  const { instructions } = decoded;
  const before = instructions.findIndex((other) => other.address === address) - 1;
  const kind = instructions[before]?.kind;
  const isRunInto = jumps && kind !== "jmp" && kind !== "ret";
  // A jump through a table may lead anywhere in the function.
  const others = instructions.filter(
    (other, index) => other.kind === "jmp-indirect" || (other.target === address && index !== jump),
  );
  return !isRunInto && others.length === 0;
}
