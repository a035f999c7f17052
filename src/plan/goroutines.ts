/** Where the span of a goroutine begins and ends: the function that it was started with. Pure, as all planning. */
import type { GoBinary } from "../binary/types.ts";
import { siteReasons } from "../report/site.ts";
import { findOwnReturns } from "./returns.ts";
import { plainName } from "./rules/match.ts";
import { findEntry } from "./site-entry.ts";
import { type FoundSite, placeSite } from "./site-found.ts";
import { type DecodedFunction, decodeFunction, type Refusal } from "./site-function.ts";

export interface GoroutinePlan {
  /** As the program's author would call it. */
  readonly name: string;
  readonly entry: FoundSite;
  /** Each RET. */
  readonly returns: readonly FoundSite[];
}

/** `address` is the function's first, in the file. */
export function planGoroutine(binary: GoBinary, address: number): GoroutinePlan | Refusal {
  const fn = binary.functions.at(address);
  if (fn === undefined || fn.address !== address) return { reason: siteReasons.noFunction([]) };
  const decoded = decodeFunction(binary, fn);
  if ("reason" in decoded) return decoded;
  const instruction = findEntry(decoded);
  if ("reason" in instruction) return instruction;
  const entry = placeSite(binary, fn, instruction);
  if ("reason" in entry) return entry;
  const returns = findOwnReturns(binary, [fn]);
  if ("reason" in returns) return returns;
  return { name: nameOf(binary, decoded), entry, returns: returns.sites };
}

/**
 * `go f(x)` begins with a function of the compiler's that calls f with what was given, "gowrap1" since Go 1.22; where it
 * calls nothing else, f is what counts. "-fm" are values of methods.
 */
function nameOf(binary: GoBinary, { fn, instructions }: DecodedFunction): string {
  const own = plainName(fn.name).replace(/-fm$/, "");
  if (!/\.gowrap\d+$/.test(own)) return own;
  const callees = instructions.flatMap(({ kind, target }) =>
    kind === "call" && target !== undefined ? [binary.functions.at(target)?.name ?? ""] : [],
  );
  const called = callees.filter((name) => !name.startsWith("runtime."));
  const isIndirect = instructions.some(({ kind }) => kind === "call-indirect");
  const [only] = called;
  return only && called.length === 1 && !isIndirect ? plainName(only) : own;
}
