import { registers } from "../binary/go-facts/registers.ts";
import { StackEnd } from "../binary/instructions/amd64-stack.ts";
import { maskOf, writtenRegisters } from "../binary/instructions/amd64-writes.ts";
import type { Instruction } from "../binary/instructions/instruction.ts";
import type { GoBinary } from "../binary/types.ts";
import type { ReturnSite } from "../libraries/descriptor.ts";
import { siteReasons } from "../report/site.ts";
import { findDeferredSite } from "./site-deferred.ts";
import { type FoundSite, placeSite } from "./site-found.ts";
import { type DecodedFunction, decodeFunction } from "./site-function.ts";

/** What is behind a return address, for a traced function that returns to it. */
export type FoundReturn =
  /** An instruction that a probe can go on, the results still in registers. */
  | { readonly kind: "site"; readonly site: FoundSite }
  /** The caller returns the same results to its own caller. */
  | { readonly kind: "through" }
  | { readonly kind: "none"; readonly reason: string };

const resultRegisters = registers.amd64.arguments.value.split(" ");
const stackPointer = maskOf(["SP"]);

/** Which results matter, and what may be done to see them: as the descriptor has it. */
export type WantedResults = Pick<ReturnSite, "results" | "firstResult" | "onStack" | "orStepped">;

/**
 * Where a probe sees the results of a function that returns to `returnAddress` (in the file, before any load bias),
 * while registers and the stack still hold them; without results, also in a deferred call. For amd64: on arm64 a
 * function's own RETs are probed.
 */
export function findReturnSite(binary: GoBinary, returnAddress: number, wanted: WantedResults): FoundReturn {
  // A call may be a function's last instruction: the address behind it is another function's.
  const fn = binary.functions.at(returnAddress - 1);
  if (binary.arch !== "amd64" || !fn) return none(siteReasons.notBehindCall(returnAddress));
  const decoded = decodeFunction(binary, fn);
  if ("reason" in decoded) return none(decoded.reason);
  const call = indexAt(decoded, returnAddress - 1);
  return behind(decoded, call) === returnAddress
    ? judgeReturn(binary, decoded, call, wanted)
    : none(siteReasons.notBehindCall(returnAddress));
}

/** The same for a call by its index among its function's instructions. */
export function judgeReturn(
  binary: GoBinary,
  decoded: DecodedFunction,
  call: number,
  wanted: WantedResults,
): FoundReturn {
  const { fn, instructions } = decoded;
  const kind = instructions[call]?.kind;
  if (kind !== "call" && kind !== "call-indirect")
    return none(siteReasons.notBehindCall(behind(decoded, call)));
  // There, one instruction serves all deferred calls or all goroutines, and not all of the runtime may be interrupted.
  if (fn.name.startsWith("runtime.")) return none(siteReasons.returnsIntoRuntime(fn.name));
  const found = walkOn(binary, decoded, call, wanted);
  const next = instructions[call + 1];
  return wanted.orStepped && found.kind === "none" && next
    ? siteAt(binary, decoded, next, behind(decoded, call), { stepped: true })
    : found;
}

/** Index of the instruction that holds this address. */
export function indexAt({ instructions }: DecodedFunction, address: number): number {
  let [low, high] = [0, instructions.length];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((instructions[middle]?.address ?? 0) <= address) low = middle;
    else high = middle;
  }
  return low;
}

/** The first address behind an instruction. */
export function behind({ fn, instructions }: DecodedFunction, index: number): number {
  const { address, length } = instructions[index] ?? { address: fn.address, length: 0 };
  return address + length;
}

/** Straight on, over instructions that leave the results alone. */
function walkOn(
  binary: GoBinary,
  decoded: DecodedFunction,
  call: number,
  wanted: WantedResults,
): FoundReturn {
  const { fn, instructions } = decoded;
  const results = maskOf(resultRegisters.slice(wanted.firstResult ?? 0, wanted.results));
  const stack = new StackEnd(wanted.onStack ?? 0);
  const returnAddress = behind(decoded, call);
  let frameGone = false;
  for (let index = call + 1; index < instructions.length; index++) {
    const instruction = instructions[index] as Instruction;
    const { kind, emulated, address } = instruction;
    if (kind === "ret") return { kind: "through" };
    if (kind === "call-indirect") {
      const deferred = results === 0 ? findDeferredSite(binary, decoded, returnAddress) : undefined;
      return deferred
        ? { kind: "site", site: deferred }
        : none(siteReasons.indirectCallFirst(fn.name, address));
    }
    // Not behind the epilogue, where the stack is no more as it was behind the call: a NOP may stand there.
    if (emulated && !frameGone) return siteAt(binary, decoded, instruction, returnAddress);
    const written = isPlain(kind) ? writtenRegisters(decoded.bytes(instruction)) : undefined;
    const staysOnStack = stack.isLeftBy(decoded.bytes(instruction));
    if (written === undefined || (written & results) !== 0 || !staysOnStack)
      return none(siteReasons.resultsLost(fn.name, address));
    frameGone ||= (written & stackPointer) !== 0;
  }
  return none(siteReasons.nothingBehind(fn.name, returnAddress));
}

function isPlain(kind: Instruction["kind"]): boolean {
  return kind === "other" || kind === "nop";
}

function siteAt(
  binary: GoBinary,
  { fn }: DecodedFunction,
  instruction: Instruction,
  returnAddress: number,
  options?: { readonly stepped: boolean },
): FoundReturn {
  const site = placeSite(binary, fn, instruction, [returnAddress], options);
  return "reason" in site ? none(site.reason) : { kind: "site", site };
}

function none(reason: string): FoundReturn {
  return { kind: "none", reason };
}
