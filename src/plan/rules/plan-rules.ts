/** Which functions of a program the user's rules make spans of, and where their probes go. Pure, as all planning. */
import { packageOf } from "../../binary/package-of.ts";
import type { GoBinary, GoFunction } from "../../binary/types.ts";
import type { Rule } from "../../config/rules/rule.ts";
import type { Library } from "../../libraries/descriptor.ts";
import { rulePrograms } from "../../libraries/rules/library.ts";
import type { RuledFunction } from "../../libraries/rules/ruled-function.ts";
import { planReasons } from "../../report/plan.ts";
import { ruleReasons } from "../../report/rules.ts";
import { siteReasons } from "../../report/site.ts";
import { planConstants } from "../constants.ts";
import type { PlanOptions } from "../plan.ts";
import { findReturns } from "../returns.ts";
import type { FoundSite, Refusal } from "../site.ts";
import type { Attachment, FoundReturns, PlannedProgram, ReturnKind } from "../types.ts";
import { argumentsOnStack } from "../version.ts";
import { findRuledEntry } from "./entry.ts";
import { functionsOf, isPattern, isUntouchable, nearestNames, plainName } from "./match.ts";
import { planRuled, type RuledPlan } from "./ruled.ts";

/** Half of MAX_RULED in ebpf/libraries/rules/rules.h: the functions of the rules before have the other half. */
export const maxRuledFunctions = 256;

/** A rule, or one of its functions, that is left out. */
export interface LeftOut {
  readonly rule: Rule;
  /** Undefined: the whole rule. */
  readonly function: string | undefined;
  readonly reason: string;
}

export interface PlacedFunction {
  readonly function: GoFunction;
  readonly rule: Rule;
  readonly span: RuledFunction;
  /** Address of its entry's probe, in the file. */
  readonly address: number;
  /** struct ruled_function. */
  readonly encoded: Buffer;
  /** The same, of a function that is probed where it returns. */
  readonly encodedItself: Buffer;
}

export interface RulesPlan {
  /** Undefined: there is nothing to attach. */
  readonly attachment: Attachment | undefined;
  /** In the order of their numbers. */
  readonly functions: readonly PlacedFunction[];
  readonly leftOut: readonly LeftOut[];
}

export function planRules(
  binary: GoBinary,
  rules: readonly Rule[],
  library: Library,
  options: Pick<PlanOptions, "loadBias" | "offsets">,
): RulesPlan {
  if (rules.length === 0) return { attachment: undefined, functions: [], leftOut: [] };
  const leftOut: LeftOut[] = [];
  const constants = planConstants(binary, library, new Set(), options);
  const refusal = stackArguments(binary) ?? constants.refusal;
  if (refusal !== undefined) return { attachment: undefined, functions: [], leftOut: all(rules, refusal) };
  const ruled = chooseFunctions(binary, rules, leftOut);
  const returns = returnsOf(binary, ruled);
  const placed = ruled.flatMap((plan) => {
    const found = placeFunction(binary, plan, returns.get(plan.fn.name));
    if (!("reason" in found)) return [found];
    leftOut.push({ rule: plan.rule, function: plain(plan), reason: found.reason });
    return [];
  });
  const functions = placed.map(({ function: fn }) => fn);
  if (functions.length === 0) return { attachment: undefined, functions, leftOut };
  const found = [...new Set(placed.map(({ returns }) => returns))];
  const attachment: Attachment = {
    status: "attach",
    library,
    globals: constants.globals,
    fields: constants.fields,
    programs: programsOf(placed),
    returnSites: returnSitesOf(found),
    without: [...leftOut.map(describe), ...found.flatMap(unseenOf)],
    switches: [],
    findings: { probes: [], ...constants.findings },
  };
  return { attachment, functions, leftOut };
}

/** One line of a rule that is not met, or not wholly. */
export function describe({ rule, function: name, reason }: LeftOut): string {
  return ruleReasons.leftOut(rule.function, rule.line, name, reason);
}

function all(rules: readonly Rule[], reason: string): readonly LeftOut[] {
  return rules.map((rule) => ({ rule, function: undefined, reason }));
}

function plain({ fn, rule }: RuledPlan): string | undefined {
  return isPattern(rule.function) ? plainName(fn.name) : undefined;
}

function stackArguments({ arch, buildInfo: { goVersion } }: GoBinary): string | undefined {
  const since = argumentsOnStack(goVersion, arch);
  return since && siteReasons.stackArguments(goVersion.text, since);
}

/** The functions of all rules; of two rules for one function the first counts. */
function chooseFunctions(binary: GoBinary, rules: readonly Rule[], leftOut: LeftOut[]): readonly RuledPlan[] {
  const taken = new Map<number, RuledPlan>();
  for (const rule of rules) {
    const functions = functionsOf(binary, rule.function);
    const leave = (reason: string, fn?: GoFunction) =>
      leftOut.push({
        rule,
        function: fn && isPattern(rule.function) ? plainName(fn.name) : undefined,
        reason,
      });
    if (functions.length === 0) leave(whyNone(binary, rule));
    for (const fn of functions) {
      if (taken.has(fn.address)) continue;
      if (isUntouchable(fn)) {
        leave(ruleReasons.untouchable, fn);
        continue;
      }
      if (taken.size >= maxRuledFunctions) {
        leave(ruleReasons.tooMany(maxRuledFunctions));
        break;
      }
      const plan = planRuled(binary, fn, rule);
      if ("reason" in plan) leave(plan.reason, fn);
      else taken.set(fn.address, plan);
    }
  }
  return [...taken.values()];
}

function whyNone(binary: GoBinary, { function: name }: Rule): string {
  const near = nearestNames(binary, name);
  if (isPattern(name)) return ruleReasons.noFunctions(near);
  const isInlined = binary.debug?.inlined(packageOf(name)).has(plainName(name)) ?? false;
  if (isInlined || binary.functions.hasName(name)) return ruleReasons.inlined(near);
  return ruleReasons.noFunction(near);
}

/** By name: functions of one name, those with other type arguments, return to places that are sought together. */
function returnsOf(
  binary: GoBinary,
  ruled: readonly RuledPlan[],
): ReadonlyMap<string, FoundReturns | Refusal> {
  const byName = new Map<string, RuledPlan[]>();
  for (const plan of ruled) byName.set(plan.fn.name, [...(byName.get(plan.fn.name) ?? []), plan]);
  const found = findReturns(
    binary,
    [...byName].map(([name, plans]) => ({
      at: "return",
      functions: [name],
      results: Math.max(...plans.map(({ results }) => results)),
      firstResult: Math.min(...plans.map(({ firstResult }) => firstResult)),
      callers: plans.some(({ readsStack }) => readsStack) ? "itself" : "anywhere",
      orItself: { constant: "", hiddenBy: "any caller" },
    })),
  );
  return new Map([...byName.keys()].flatMap((name, index) => (found[index] ? [[name, found[index]]] : [])));
}

interface Placed {
  readonly function: PlacedFunction;
  readonly entry: FoundSite;
  readonly returns: FoundReturns;
}

function placeFunction(
  binary: GoBinary,
  plan: RuledPlan,
  returns: FoundReturns | Refusal = { reason: siteReasons.neverReturns(plan.fn.name) },
): Placed | Refusal {
  const entry = findRuledEntry(binary, plan.fn);
  if ("reason" in entry) return entry;
  if ("reason" in returns) return returns;
  const encoded = plan.encode(!returns.learned, entry.flagsTest);
  const encodedItself = plan.encode(true, entry.flagsTest);
  const placed = {
    function: plan.fn,
    rule: plan.rule,
    span: plan.span,
    address: entry.address,
    encoded,
    encodedItself,
  };
  return { function: placed, entry, returns };
}

/** Ends before starts, so that no start lacks its end. */
function programsOf(placed: readonly Placed[]): readonly PlannedProgram[] {
  const unique = (sites: readonly FoundSite[]) => [
    ...new Map(sites.map((site) => [site.address, site])).values(),
  ];
  const ends = unique(placed.flatMap(({ returns }) => returns.sites));
  const entries = unique(placed.map(({ entry }) => entry));
  return [
    { program: rulePrograms.end, sites: ends, learned: true, starts: false, late: false },
    { program: rulePrograms.start, sites: entries, learned: false, starts: true, late: false },
  ];
}

/** Where two functions return to one address, it is no place when it is none for one of them. */
function returnSitesOf(found: readonly FoundReturns[]): ReadonlyMap<number, ReturnKind> {
  const kinds = new Map<number, ReturnKind>();
  for (const { kinds: own } of found)
    for (const [address, kind] of own) if (kinds.get(address) !== "none") kinds.set(address, kind);
  return kinds;
}

function unseenOf({ unseen, omitted }: FoundReturns): readonly string[] {
  const reasons = unseen.slice(0, 3).map(({ reason }) => reason);
  return [...reasons, ...(omitted > 0 ? [planReasons.omittedCallers(omitted)] : [])];
}
