import type { GoBinary } from "../binary/types.ts";
import type { Library, ProbeSpec, Site } from "../libraries/descriptor.ts";
import { planReasons } from "../report/plan.ts";
import { siteReasons } from "../report/site.ts";
import { findReturns } from "./returns.ts";
import { type FoundSite, type FoundSites, findSite, type Refusal } from "./site.ts";
import type { FoundReturns, PlannedProgram, ProbeFinding, ReturnKind } from "./types.ts";
import { argumentsOnStack } from "./version.ts";

export interface PlannedProbes {
  readonly findings: readonly ProbeFinding[];
  readonly programs: readonly PlannedProgram[];
  /** By return address in the file. */
  readonly returnSites: ReadonlyMap<number, ReturnKind>;
  /** Values of constants that say where ends are probed. */
  readonly globals: ReadonlyMap<string, Buffer>;
  readonly without: readonly string[];
  /** Why the library can't be attached. */
  readonly refusal: string | undefined;
}

/** Of each probe that goes behind a return: where its function's callers go on. */
export type ReturnsOfProbes = ReadonlyMap<ProbeSpec, FoundReturns | Refusal>;

/** The returns for all probes of these libraries together: they cost one pass over the program's code. */
export function planReturns(binary: GoBinary, libraries: readonly Library[]): ReturnsOfProbes {
  const wanted = libraries.flatMap(({ probes }) =>
    probes.flatMap((probe) =>
      probe.site.at === "return" && isWanted(binary, probe) ? [{ probe, site: probe.site }] : [],
    ),
  );
  const found = findReturns(
    binary,
    wanted.map(({ site }) => site),
  );
  return new Map(wanted.flatMap(({ probe }, index) => (found[index] ? [[probe, found[index]]] : [])));
}

/** A place for each of a library's probes. */
export function planProbes(
  binary: GoBinary,
  library: Library,
  returns: ReturnsOfProbes = planReturns(binary, [library]),
): PlannedProbes {
  const findings = library.probes.map((probe) => findProbe(binary, library, probe, returns));
  const refused = findings.filter(({ spec, reason }) => reason !== undefined && isWanted(binary, spec));
  return {
    findings,
    programs: programsOf(findings),
    returnSites: returnSitesOf(findings),
    globals: new Map(findings.flatMap(itselfOf)),
    // What is not in the binary can't be missed.
    without: [
      ...refused.filter(({ spec }) => functionsOf(spec).some((name) => has(binary, name))).map(reasonOf),
      ...findings.flatMap(unseenOf),
    ],
    refusal:
      stackArguments(binary) ??
      refused.filter(({ spec }) => !spec.optional).map(reasonOf)[0] ??
      mixedEntries(findings),
  };
}

/** A library is in the binary when any function is that says so: Library.usedBy, onlyWith and unless. */
export function isUsed(binary: GoBinary, { usedBy, onlyWith, unless = [], probes }: Library): boolean {
  if (unless.some((name) => has(binary, name))) return false;
  if (onlyWith !== undefined && !has(binary, onlyWith)) return false;
  const functions = usedBy ?? probes.filter(({ optional }) => !optional).flatMap(functionsOf);
  return functions.some((name) => has(binary, name));
}

function findProbe(
  binary: GoBinary,
  library: Library,
  spec: ProbeSpec,
  returns: ReturnsOfProbes,
): ProbeFinding {
  const unwanted = whyUnwanted(binary, spec);
  if (unwanted !== undefined) return { spec, sites: [], reason: unwanted };
  const { site } = spec;
  if (site.at !== "return") {
    const found =
      site.at === "calls" ? findDirectCalls(binary, library, site, returns) : findSite(binary, site);
    return "reason" in found
      ? { spec, sites: [], reason: found.reason }
      : { spec, sites: found.addresses, reason: undefined };
  }
  const found = returns.get(spec) ?? { reason: siteReasons.noFunction(site.functions) };
  // Callers are learned where a start asks for them: of a function that is only waited for none does.
  if (!("reason" in found) && site.results === 0 && found.sites.length === 0)
    return {
      spec,
      sites: [],
      reason: found.unseen[0]?.reason ?? siteReasons.neverReturns(site.functions[0] ?? ""),
    };
  return "reason" in found
    ? { spec, sites: [], reason: found.reason }
    : { spec, sites: found.sites, reason: undefined, returns: found };
}

function findDirectCalls(
  binary: GoBinary,
  { probes }: Library,
  { functions, end }: Extract<Site, { at: "calls" }>,
  returns: ReturnsOfProbes,
): FoundSites | Refusal {
  if (binary.arch === "arm64") return findSite(binary, { at: "entry", functions });
  const found = probes.filter(({ name }) => name === end).map((probe) => returns.get(probe))[0];
  if (found === undefined) return { reason: siteReasons.noFunction(functions) };
  if ("reason" in found) return found;
  return found.calls.length > 0
    ? { addresses: found.calls }
    : { reason: siteReasons.neverCalled(functions[0] ?? "") };
}

function stackArguments({ arch, buildInfo: { goVersion } }: GoBinary): string | undefined {
  const since = argumentsOnStack(goVersion, arch);
  return since && siteReasons.stackArguments(goVersion.text, since);
}

/** One constant of an object says for all its programs whether entries sit on the stack check's branch. */
function mixedEntries(findings: readonly ProbeFinding[]): string | undefined {
  const entries = findings.filter(({ spec }) => spec.site.at === "entry").flatMap(({ sites }) => sites);
  return new Set(entries.map(({ flagsTest }) => flagsTest)).size > 1 ? siteReasons.mixedEntries : undefined;
}

function isWanted(binary: GoBinary, spec: ProbeSpec): boolean {
  return whyUnwanted(binary, spec) === undefined;
}

function whyUnwanted(binary: GoBinary, { when, unless }: ProbeSpec): string | undefined {
  if (when !== undefined && !has(binary, when)) return planReasons.onlyWith(when);
  return unless !== undefined && has(binary, unless) ? planReasons.onlyWithout(unless) : undefined;
}

function programsOf(findings: readonly ProbeFinding[]): readonly PlannedProgram[] {
  const programs = new Map<
    string,
    { readonly sites: Map<number, FoundSite>; learned: boolean; late: boolean; starts: boolean }
  >();
  for (const { spec, sites, returns } of findings) {
    const learned = returns?.learned ?? false;
    if (sites.length === 0 && !learned) continue;
    const { late = false, starts = false } = spec;
    const program = programs.get(spec.program) ?? { sites: new Map(), learned, late, starts };
    program.learned ||= learned;
    // A caller that hands through what two functions return has one place for both.
    for (const site of sites) program.sites.set(site.address, site);
    programs.set(spec.program, program);
  }
  return [...programs].map(([program, found]) => ({ ...found, program, sites: [...found.sites.values()] }));
}

/** Where two functions return to one address, it is no place when it is none for one of them. */
function returnSitesOf(findings: readonly ProbeFinding[]): ReadonlyMap<number, ReturnKind> {
  const kinds = new Map<number, ReturnKind>();
  for (const { returns } of findings)
    for (const [address, kind] of returns?.kinds ?? [])
      if (kinds.get(address) !== "none") kinds.set(address, kind);
  return kinds;
}

/** The constant of a function that is probed itself, so that its callers don't matter. */
function itselfOf({ spec: { site }, returns }: ProbeFinding): readonly (readonly [string, Buffer])[] {
  const constant = site.at === "return" ? site.orItself?.constant : undefined;
  return constant === undefined ? [] : [[constant, Buffer.from([Number(returns?.learned === false)])]];
}

/** Callers that are named one by one; large programs have hundreds. */
const maxNamed = 5;

function unseenOf({ spec, returns }: ProbeFinding): readonly string[] {
  if (!returns) return [];
  const { unseen, omitted } = returns;
  const named = unseen.slice(0, maxNamed).map(({ reason }) => planReasons.probe(spec.name, reason));
  const more = unseen.length - named.length;
  return [
    ...named,
    ...(more > 0 ? [planReasons.probe(spec.name, planReasons.moreCallers(more))] : []),
    ...(omitted > 0 ? [planReasons.probe(spec.name, planReasons.omittedCallers(omitted))] : []),
  ];
}

function reasonOf({ spec, reason = "" }: ProbeFinding): string {
  return planReasons.probe(spec.name, reason);
}

function functionsOf({ site }: ProbeSpec): readonly string[] {
  // What is never called directly is not missed.
  if (site.at === "calls") return [];
  return site.at === "call" ? [site.function] : site.functions;
}

function has(binary: GoBinary, name: string): boolean {
  return binary.functions.find(name).length > 0;
}
