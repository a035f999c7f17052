import type { GoBinary, GoFunction } from "../../binary/types.ts";
import { findEntry } from "../site-entry.ts";
import { type FoundSite, placeSite } from "../site-found.ts";
import { type DecodedFunction, decodeFunction, type Refusal } from "../site-function.ts";

/** Where a call of any function is seen, its arguments still in place. */
export function findRuledEntry(binary: GoBinary, fn: GoFunction): FoundSite | Refusal {
  const decoded = decodeFunction(binary, fn);
  if ("reason" in decoded) return decoded;
  const entry = findEntry(decoded);
  if (!("reason" in entry)) return placeSite(binary, fn, entry);
  const first = decoded.instructions[0];
  // Without a frame nothing is emulated there. The kernel single-steps it, which takes some 14 µs here.
  return first && isLeaf(decoded) ? placeSite(binary, fn, first, [], { stepped: true }) : entry;
}

/** It calls nothing, so that its stack needn't grow, and its first instruction runs once a call. */
function isLeaf({ fn, instructions }: DecodedFunction): boolean {
  return instructions.every(
    ({ kind, target }) => kind !== "call" && kind !== "call-indirect" && target !== fn.address,
  );
}
