import type { Instruction } from "../binary/instructions/instruction.ts";
import type { FunctionTable } from "../binary/types.ts";
import { hex, siteReasons } from "../report/site.ts";
import type { DecodedFunction, Refusal } from "./site-function.ts";

/**
 * Calls that the compiler puts between two statements: write barriers, race and memory checkers, block copies; and
 * what it makes of indirect calls with -spectre=ret.
 */
const inserted = /^runtime\.(gcWriteBarrier|race|msan|asan|duff|wbZero|wbMove|retpoline)/;

/** Calls that never come back. */
const noReturn = /^runtime\.(panic|goPanic)/;

/** Every direct call of `callee`. */
export function findAllCalls(
  { fn, instructions }: DecodedFunction,
  functions: FunctionTable,
  callee: string,
): readonly Instruction[] | Refusal {
  const calls = instructions.filter((it) => it.kind === "call" && calledName(functions, it) === callee);
  return calls.length > 0 ? calls : { reason: siteReasons.noCall(fn.name, callee) };
}

/**
 * For each direct call of `after`: the direct call of `callee` that every path runs into next. Indirect calls on the
 * way don't count, nor do calls that the compiler inserts. Refused as soon as one path has anything else first.
 */
export function findCalls(
  decoded: DecodedFunction,
  functions: FunctionTable,
  after: string,
  callee: string,
): readonly Instruction[] | Refusal {
  const { fn, instructions } = decoded;
  const nameOf = (call: Instruction) => calledName(functions, call);
  const starts = instructions.filter((it) => it.kind === "call" && nameOf(it) === after);
  if (starts.length === 0) return { reason: siteReasons.noCall(fn.name, after) };
  const calls = new Set<Instruction>();
  for (const end of nextStops(decoded, starts, nameOf)) {
    if (end.kind !== "call" || nameOf(end) !== callee) {
      return { reason: siteReasons.otherCall(fn.name, after, callee, describe(end, nameOf(end))) };
    }
    calls.add(end);
  }
  if (calls.size === 0) return { reason: siteReasons.otherCall(fn.name, after, callee, "nothing") };
  return [...calls].sort((a, b) => a.address - b.address);
}

/** The name of a called function; undefined unless the call goes to the function's first instruction. */
function calledName(functions: FunctionTable, { target }: Instruction): string | undefined {
  const fn = target === undefined ? undefined : functions.at(target);
  return fn?.address === target || inserted.test(fn?.name ?? "") ? fn?.name : undefined;
}

/** Where the paths behind all of `starts` first leave straight-line code: at a direct call, a return, a jump out. */
function nextStops(
  { instructions }: DecodedFunction,
  starts: readonly Instruction[],
  nameOf: (call: Instruction) => string | undefined,
): readonly Instruction[] {
  const indexAt = new Map(instructions.map(({ address }, index) => [address, index]));
  const stops: Instruction[] = [];
  const seen = new Set<number>();
  const todo = starts.map(({ address, length }) => indexAt.get(address + length));
  while (todo.length > 0) {
    const index = todo.pop();
    const instruction = index === undefined ? undefined : instructions[index];
    if (index === undefined || instruction === undefined || seen.has(index)) continue;
    seen.add(index);
    const { kind, target } = instruction;
    const name = kind === "call" ? (nameOf(instruction) ?? "") : "";
    if (noReturn.test(name)) continue;
    const passes = kind !== "ret" && kind !== "jmp-indirect" && (kind !== "call" || inserted.test(name));
    const jump = kind === "jmp" || kind === "jcc" ? indexAt.get(target ?? -1) : undefined;
    const leaves = (kind === "jmp" || kind === "jcc") && jump === undefined;
    if (!passes || leaves) {
      stops.push(instruction);
      continue;
    }
    if (kind !== "jmp") todo.push(index + 1);
    todo.push(jump);
  }
  return stops;
}

function describe({ kind, address }: Instruction, name: string | undefined): string {
  if (kind === "call") return `a call of ${name ?? "an unknown function"} at ${hex(address)}`;
  return kind === "ret" ? `a return at ${hex(address)}` : `a jump at ${hex(address)}`;
}
