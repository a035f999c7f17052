import type { GoBinary } from "../binary/types.ts";
import type { Library, ProbeSpec } from "../libraries/descriptor.ts";
import { planReasons } from "../report/plan.ts";
import { type FoundSite, findSite } from "./site.ts";
import type { NoAttachment, PlannedProgram } from "./types.ts";

export interface PlannedProbes {
  readonly programs: readonly PlannedProgram[];
  /** Names of the probes that have a place. */
  readonly found: ReadonlySet<string>;
  readonly without: readonly string[];
}

/** A place for each of a library's probes; a required one without a place ends the plan. */
export function planProbes(binary: GoBinary, library: Library): PlannedProbes | NoAttachment {
  if (!isUsed(binary, library)) return { status: "absent", library, reason: planReasons.absent };
  const sites = new Map<string, FoundSite[]>();
  const found = new Set<string>();
  const without: string[] = [];
  for (const probe of library.probes) {
    if (probe.when !== undefined && !has(binary, probe.when)) continue;
    const site = findSite(binary, probe.site);
    if ("reason" in site) {
      const reason = planReasons.probe(probe.name, site.reason);
      if (!probe.optional) return { status: "skipped", library, reason };
      // What is not in the binary can't be missed.
      if (functionsOf(probe).some((name) => has(binary, name))) without.push(reason);
      continue;
    }
    found.add(probe.name);
    const places = sites.get(probe.program) ?? [];
    places.push(...site.addresses);
    sites.set(probe.program, places);
  }
  return { programs: [...sites].map(([program, places]) => ({ program, sites: places })), found, without };
}

/** A library is in the binary when any function is that a required probe goes into. */
function isUsed(binary: GoBinary, library: Library): boolean {
  return library.probes.some(
    (probe) => !probe.optional && functionsOf(probe).some((name) => has(binary, name)),
  );
}

function functionsOf({ site }: ProbeSpec): readonly string[] {
  return site.at === "entry" ? site.functions : [site.function];
}

function has(binary: GoBinary, name: string): boolean {
  return binary.functions.find(name).length > 0;
}
