import type { Instruction } from "../binary/instructions/instruction.ts";
import type { GoBinary, GoFunction } from "../binary/types.ts";
import type { ReturnSite, Site } from "../libraries/descriptor.ts";
import { siteReasons } from "../report/site.ts";
import { findAllCalls, findCalls } from "./site-call.ts";
import { findEntry } from "./site-entry.ts";
import { type FoundSite, placeSite } from "./site-found.ts";
import { type DecodedFunction, decodeFunction, type Refusal } from "./site-function.ts";
import { prologues, wrapperPrologues } from "./site-prologue.ts";

export type { FoundSite } from "./site-found.ts";
export type { Refusal } from "./site-function.ts";

/** Places that the named functions' own code tells; for those behind a return see returns.ts. */
export type FunctionSite = Exclude<Site, ReturnSite | { readonly at: "calls" }>;

/** Every instruction that the probe must sit on; never an empty list. */
export interface FoundSites {
  readonly addresses: readonly FoundSite[];
}

/**
 * Finds where a probe goes in this binary, by decoding the function's own machine code. Each address found is the
 * start of an instruction of its function that the kernel runs without a single step; anything in doubt is refused.
 */
export function findSite(binary: GoBinary, site: FunctionSite): FoundSites | Refusal {
  const functions = site.at === "call" ? [site.function] : site.functions;
  const named = firstPresent(binary, functions);
  if (named.length === 0) return { reason: siteReasons.noFunction(functions) };
  const addresses: FoundSite[] = [];
  for (const fn of named) {
    const found = findInFunction(binary, fn, site);
    if ("reason" in found) return found;
    addresses.push(...found.addresses);
  }
  return { addresses };
}

/** All functions of the first name that the binary has: newer names stand first, older ones are their aliases. */
export function firstPresent(binary: GoBinary, names: readonly string[]): readonly GoFunction[] {
  const found = names.map((name) => binary.functions.find(name)).find((functions) => functions.length > 0);
  return found ?? [];
}

function findInFunction(binary: GoBinary, fn: GoFunction, site: FunctionSite): FoundSites | Refusal {
  const decoded = decodeFunction(binary, fn);
  if ("reason" in decoded) return decoded;
  const instructions = findInstructions(binary, decoded, site);
  if ("reason" in instructions) return instructions;
  const addresses: FoundSite[] = [];
  for (const instruction of instructions) {
    const found = placeSite(binary, fn, instruction);
    if ("reason" in found) return found;
    addresses.push(found);
  }
  return { addresses };
}

function findInstructions(
  binary: GoBinary,
  decoded: DecodedFunction,
  site: FunctionSite,
): readonly Instruction[] | Refusal {
  if (site.at === "call")
    return site.after === undefined
      ? findAllCalls(decoded, binary.functions, site.callee)
      : findCalls(decoded, binary.functions, site.after, site.callee);
  const entry = findEntry(decoded, site.at === "wrapper" ? wrapperPrologues : prologues);
  return "reason" in entry ? entry : [entry];
}
