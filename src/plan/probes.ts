import type { GoBinary } from "../binary/types.ts";
import type { Library, ProbeSpec } from "../libraries/descriptor.ts";
import { planReasons } from "../report/plan.ts";
import { siteReasons } from "../report/site.ts";
import { type FoundSite, findSite } from "./site.ts";
import type { PlannedProgram, ProbeFinding } from "./types.ts";
import { argumentsOnStack } from "./version.ts";

export interface PlannedProbes {
  readonly findings: readonly ProbeFinding[];
  readonly programs: readonly PlannedProgram[];
  readonly without: readonly string[];
  /** Why the library can't be attached. */
  readonly refusal: string | undefined;
}

/** A place for each of a library's probes. */
export function planProbes(binary: GoBinary, library: Library): PlannedProbes {
  const findings = library.probes.map((probe) => findProbe(binary, probe));
  const refused = findings.filter(({ spec, reason }) => reason !== undefined && isWanted(binary, spec));
  return {
    findings,
    programs: programsOf(findings),
    // What is not in the binary can't be missed.
    without: refused.filter(({ spec }) => functionsOf(spec).some((name) => has(binary, name))).map(reasonOf),
    refusal:
      stackArguments(binary) ??
      refused.filter(({ spec }) => !spec.optional).map(reasonOf)[0] ??
      mixedEntries(findings),
  };
}

/** A library is in the binary when any function is that a required probe goes into. */
export function isUsed(binary: GoBinary, library: Library): boolean {
  return library.probes.some(
    (probe) => !probe.optional && functionsOf(probe).some((name) => has(binary, name)),
  );
}

function findProbe(binary: GoBinary, spec: ProbeSpec): ProbeFinding {
  if (!isWanted(binary, spec)) return { spec, sites: [], reason: planReasons.onlyWith(spec.when ?? "") };
  const site = findSite(binary, spec.site);
  return "reason" in site
    ? { spec, sites: [], reason: site.reason }
    : { spec, sites: site.addresses, reason: undefined };
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

function isWanted(binary: GoBinary, { when }: ProbeSpec): boolean {
  return when === undefined || has(binary, when);
}

function programsOf(findings: readonly ProbeFinding[]): readonly PlannedProgram[] {
  const sites = new Map<string, FoundSite[]>();
  for (const { spec, sites: found } of findings)
    if (found.length > 0) sites.set(spec.program, [...(sites.get(spec.program) ?? []), ...found]);
  return [...sites].map(([program, places]) => ({ program, sites: places }));
}

function reasonOf({ spec, reason = "" }: ProbeFinding): string {
  return planReasons.probe(spec.name, reason);
}

function functionsOf({ site }: ProbeSpec): readonly string[] {
  return site.at === "entry" ? site.functions : [site.function];
}

function has(binary: GoBinary, name: string): boolean {
  return binary.functions.find(name).length > 0;
}
