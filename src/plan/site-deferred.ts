import type { GoBinary, GoFunction } from "../binary/types.ts";
import { findEntry } from "./site-entry.ts";
import { type FoundSite, placeSite } from "./site-found.ts";
import { type DecodedFunction, decodeFunction } from "./site-function.ts";

/** A function with more deferred calls than that doesn't make them itself: maxOpenDefers, cmd/compile/internal/ssagen/ssa.go. */
const maxDeferred = 8;
const wayOfPanics = "runtime.deferreturn";

/**
 * A place in what a function runs first of all when it returns, for a probe that needs no results: the last of its
 * deferred calls, which the compiler has wrapped into a function of its own and calls through a closure. It runs when
 * the goroutine exits or panics, too. Undefined where there is none, or no place in it.
 */
export function findDeferredSite(
  binary: GoBinary,
  decoded: DecodedFunction,
  returnAddress: number,
): FoundSite | undefined {
  const wrapper = defersCalls(binary, decoded) ? lastWrapper(binary, decoded.fn) : undefined;
  const body = wrapper && decodeFunction(binary, wrapper);
  if (!body || "reason" in body) return undefined;
  const entry = findEntry(body);
  if ("reason" in entry) return undefined;
  // A stack that grows passes its check twice: behind it is the next instruction that the kernel emulates.
  const instruction =
    entry.kind === "jcc"
      ? body.instructions.find(({ address, emulated }) => address > entry.address && emulated)
      : entry;
  const site = instruction && placeSite(binary, body.fn, instruction, [returnAddress]);
  return site && !("reason" in site) ? site : undefined;
}

/** Where one of its callees panics, a function that makes its deferred calls itself has them made by the runtime. */
function defersCalls({ functions }: GoBinary, { instructions }: DecodedFunction): boolean {
  return instructions.some(
    ({ kind, target }) =>
      kind === "call" && target !== undefined && functions.at(target)?.name === wayOfPanics,
  );
}

/** They are numbered as they are written down. "deferwrap" since Go 1.22, like closures since 1.19, "dwrap" before. */
function lastWrapper({ functions }: GoBinary, { name }: GoFunction): GoFunction | undefined {
  const numbers = Array.from({ length: maxDeferred }, (_, index) => maxDeferred - index);
  const names = ["deferwrap", "", "·dwrap·"].flatMap((kind) =>
    numbers.map((number) => `${name}${kind.startsWith("·") ? "" : "."}${kind}${number}`),
  );
  return names.flatMap((wrapper) => functions.find(wrapper))[0];
}
