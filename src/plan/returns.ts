import { packageOf } from "../binary/package-of.ts";
import type { GoBinary, GoFunction } from "../binary/types.ts";
import type { ReturnSite } from "../libraries/descriptor.ts";
import { siteReasons } from "../report/site.ts";
import {
  type CodeRange,
  codeOfPackage,
  findPossibleCallers,
  type PossibleCaller,
  wholeCode,
} from "./callers.ts";
import { Climb, type FoundReturns } from "./climb.ts";
import { firstPresent } from "./site.ts";
import { type FoundSite, placeSite } from "./site-found.ts";
import { decodeFunction, type Refusal } from "./site-function.ts";
import { indexAt } from "./site-return.ts";

/** Callers of callers, of those that hand results through. The BPF programs look at six frames. */
const maxDepth = 4;

/**
 * Bytes. All code is looked through once, and again for callers of callers only as long as this isn't passed: a
 * program of 95 MB has 38 MB of code. Callers that are not found are learned while the program runs.
 */
const maxScanned = 96 * 1024 * 1024;

/** Where the results of these functions can be seen, in the order of `wanted`. One pass serves all of them. */
export function findReturns(
  binary: GoBinary,
  wanted: readonly ReturnSite[],
): readonly (FoundReturns | Refusal)[] {
  const started = wanted.map((site) => {
    const functions = firstPresent(binary, site.functions);
    if (functions.length === 0) return { reason: siteReasons.noFunction(site.functions) };
    return binary.arch === "arm64" || site.callers === "itself"
      ? findOwnReturns(binary, functions)
      : startClimb(new Climb(binary, site, functions), binary);
  });
  const climbs = started.filter((it) => it instanceof Climb);
  climbWithinPackages(
    binary,
    climbs.filter(({ site }) => site.callers !== "none"),
  );
  climbAnywhere(
    binary,
    climbs.filter(({ site }) => site.callers === "anywhere"),
  );
  return started.map((it) => (it instanceof Climb ? seenOrItself(binary, it) : it));
}

function seenOrItself(binary: GoBinary, climb: Climb): FoundReturns | Refusal {
  const found = climb.result();
  const { orItself } = climb.site;
  const hiding = found.unseen.filter(
    ({ function: { name } }) => orItself?.hiddenBy === "any caller" || packageOf(name) === climb.packagePath,
  );
  return orItself && hiding.length > 0 ? findOwnReturns(binary, climb.functions) : found;
}

/** Each RET, so that callers don't matter. The kernel simulates it on arm64. */
export function findOwnReturns(binary: GoBinary, functions: readonly GoFunction[]): FoundReturns | Refusal {
  const sites: FoundSite[] = [];
  for (const fn of functions) {
    const decoded = decodeFunction(binary, fn);
    if ("reason" in decoded) return decoded;
    for (const instruction of decoded.instructions.filter(({ kind }) => kind === "ret")) {
      const site = placeSite(binary, fn, instruction, []);
      if ("reason" in site) return site;
      sites.push(site);
    }
  }
  if (sites.length === 0) return { reason: siteReasons.neverReturns(functions[0]?.name ?? "") };
  return { sites, calls: [], kinds: new Map(), unseen: [], always: [], omitted: 0, learned: false };
}

/** With the calls that may reach the function through an interface or a function value. */
function startClimb(climb: Climb, binary: GoBinary): Climb {
  for (const fn of (climb.site.indirectIn ?? []).flatMap((name) => binary.functions.find(name))) {
    const decoded = decodeFunction(binary, fn);
    if ("reason" in decoded) continue;
    for (const [index, { kind }] of decoded.instructions.entries())
      if (kind === "call-indirect") climb.onIndirectCall(decoded, index);
  }
  return climb;
}

/** A package is little code: its own wrappers are known before the whole program is looked through. */
function climbWithinPackages(binary: GoBinary, climbs: readonly Climb[]): void {
  const first = climbs.flatMap(({ functions }) => functions);
  const packages = new Map(first.map((fn) => [packageOf(fn.name), fn]));
  const ranges = [...packages.values()].map((fn) => codeOfPackage(binary, fn));
  for (let depth = 0; depth <= maxDepth; depth++) {
    const fresh = climbs.flatMap((climb) => climb.takeFresh());
    if (fresh.length === 0) return;
    takeCallers(binary, ranges, new Set(fresh), climbs);
  }
}

function climbAnywhere(binary: GoBinary, climbs: readonly Climb[]): void {
  const ranges = wholeCode(binary);
  const size = ranges.reduce((sum, { length }) => sum + length, 0);
  let targets = climbs.flatMap(({ entries }) => [...entries]);
  for (let depth = 0; depth <= maxDepth && targets.length > 0; depth++) {
    if (depth > 0 && (depth + 1) * size > maxScanned) return;
    for (const climb of climbs) climb.takeFresh();
    takeCallers(binary, ranges, new Set(targets), climbs);
    targets = climbs.flatMap((climb) => climb.takeFresh());
  }
}

function takeCallers(
  binary: GoBinary,
  ranges: readonly CodeRange[],
  targets: ReadonlySet<number>,
  climbs: readonly Climb[],
): void {
  const callers = ranges.flatMap((range) => findPossibleCallers(binary, range, targets));
  for (const [fn, ofFunction] of byFunction(binary, callers)) {
    const wanting = climbs.filter((climb) => climb.includes(fn));
    if (wanting.length > 0) takeCallersIn(binary, fn, ofFunction, wanting);
  }
}

/** One function after the other, so that only one is decoded at a time. */
function byFunction(
  binary: GoBinary,
  callers: readonly PossibleCaller[],
): ReadonlyMap<GoFunction, readonly PossibleCaller[]> {
  const groups = new Map<GoFunction, PossibleCaller[]>();
  let last: { readonly fn: GoFunction; readonly members: PossibleCaller[] } | undefined;
  for (const caller of callers.toSorted((a, b) => a.address - b.address)) {
    if (!last || caller.address >= last.fn.end) {
      const fn = binary.functions.at(caller.address);
      if (!fn) continue;
      last = { fn, members: [] };
      groups.set(fn, last.members);
    }
    last.members.push(caller);
  }
  return groups;
}

function takeCallersIn(
  binary: GoBinary,
  fn: GoFunction,
  callers: readonly PossibleCaller[],
  climbs: readonly Climb[],
): void {
  const decoded = decodeFunction(binary, fn);
  for (const { address, target } of callers) {
    const wanting = climbs.filter(({ entries }) => entries.has(target));
    if ("reason" in decoded) {
      for (const climb of wanting) climb.onUnknown(fn, address + callLength, decoded.reason);
      continue;
    }
    const index = indexAt(decoded, address);
    const instruction = decoded.instructions[index];
    // The bytes of other instructions may look like a call.
    if (instruction?.address !== address) continue;
    if (instruction.kind === "call") for (const climb of wanting) climb.onCall(decoded, index);
    // A function that jumps to its own start has let its stack grow.
    if (instruction.kind === "jmp" && target !== fn.address)
      for (const climb of wanting) climb.onTailJump(fn);
  }
}

/** Bytes of a direct call. */
const callLength = 5;
