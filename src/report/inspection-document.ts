import type { GoBinary, GoModule } from "../binary/types.ts";
import type { Library } from "../libraries/descriptor.ts";
import type { RuleOutcome } from "../plan/rules/outcomes.ts";
import type { FoundSite } from "../plan/site.ts";
import type { FieldFinding, Findings, FoundReturns, LibraryPlan, UnseenReturn } from "../plan/types.ts";
import { ruleDocument } from "./inspection-rules.ts";
import { hex } from "./site.ts";
import type { TierReports } from "./start-report.ts";

/** The process whose program is looked at. */
interface InspectedProcess {
  readonly pid: number;
  readonly exePath: string;
  /** What its addresses are higher by than the file's; undefined when its mappings don't say. */
  readonly loadBias: number | undefined;
}

/** What `inspect` looked at, and what would be done with it. */
export interface Inspected {
  readonly binary: GoBinary;
  readonly plans: readonly LibraryPlan[];
  readonly rules: readonly RuleOutcome[];
  readonly process: InspectedProcess | undefined;
  /** Where the program's runtime counts goroutine ids, in the file: src/plan/goid-generator.ts. */
  readonly goidGenerator: number | undefined;
  /** How trace context would go out; undefined when nobody has tried. */
  readonly tiers?: TierReports | undefined;
}

/** Of `inspect --json`. Changes when a member changes its meaning or goes; new ones may come at any time. */
const schema = 1;

export type InspectionDocument = ReturnType<typeof inspectionDocument>;
export type LibraryDocument = ReturnType<typeof libraryDocument>;
export type FieldDocument = ReturnType<typeof fieldDocument>;

/** Everything that `inspect` says, in the shape of docs/inspect.md. Texts stand as they are in the binary. */
export function inspectionDocument({ binary, plans, rules, process, goidGenerator, tiers }: Inspected) {
  const { buildInfo } = binary;
  return {
    schema,
    file: process?.exePath ?? binary.path,
    process: process
      ? { pid: process.pid, loadBias: process.loadBias === undefined ? null : hex(process.loadBias) }
      : null,
    size: binary.size,
    architecture: binary.arch,
    go: buildInfo.goVersion.text,
    build: buildDocument(binary),
    package: buildInfo.path || null,
    main: buildInfo.main ? moduleDocument(buildInfo.main) : null,
    modules: buildInfo.modules.length,
    goidCounter: goidGenerator === undefined ? null : hex(goidGenerator),
    propagation: tiers ?? null,
    libraries: plans.map((plan) => libraryDocument(binary, plan)),
    rules: rules.map(ruleDocument),
  };
}

/** C calls Go through it; only programs with cgo hold it. https://github.com/golang/go/blob/go1.26.0/src/runtime/cgo/asm_amd64.s */
const calledByC = "crosscall2";

function buildDocument(binary: GoBinary) {
  const { settings, goVersion } = binary.buildInfo;
  /** Programs of Go 1.17 keep no settings. */
  const isSet = (flag: string) => (settings.size === 0 ? null : settings.get(flag) === "true");
  const experiments = [/X:(\S+)/.exec(goVersion.text)?.[1], settings.get("GOEXPERIMENT")];
  const revision = settings.get("vcs.revision");
  return {
    id: binary.buildId ?? null,
    stripped: !binary.hasSymbols,
    dwarf: binary.debug !== undefined,
    positionIndependent: binary.pie,
    dynamic: binary.dynamic,
    cgo: binary.functions.find(calledByC).length > 0,
    race: isSet("-race"),
    trimpath: isSet("-trimpath"),
    profile: settings.size === 0 ? null : settings.has("-pgo"),
    experiments: [...new Set(experiments.flatMap((list) => (list ? list.split(",") : [])))],
    revision:
      revision === undefined
        ? null
        : {
            system: settings.get("vcs") ?? null,
            id: revision,
            time: settings.get("vcs.time") ?? null,
            modified: settings.get("vcs.modified") === "true",
          },
  };
}

function moduleDocument({ path, version, replacedBy }: GoModule) {
  return { path, version, replacedBy: replacedBy ? { ...replacedBy } : null };
}

function libraryDocument(binary: GoBinary, plan: LibraryPlan) {
  const { library, findings } = plan;
  return {
    name: library.name,
    path: library.path,
    status: plan.status,
    reason: plan.status === "attach" ? null : plan.reason,
    without: plan.status === "attach" ? plan.without : [],
    modules: modulesOf(binary, library).map(moduleDocument),
    ...findingsDocument(binary, findings ?? { probes: [], fields: [], maps: [], itabs: [], types: [] }),
  };
}

/** The library's own module, then those of the program that its fields speak of. */
function modulesOf({ buildInfo }: GoBinary, library: Library): readonly GoModule[] {
  const std = { path: "std", version: buildInfo.goVersion.text };
  const names = Object.values(library.fields).flatMap((spec) => spec.names);
  const modules = buildInfo.main ? [buildInfo.main, ...buildInfo.modules] : buildInfo.modules;
  const found = modules.filter(
    ({ path }) =>
      path === library.module ||
      names.some((name) => /^[/.]/.test(name.slice(path.length)) && name.startsWith(path)),
  );
  const isOwn = ({ path }: { readonly path: string }) => path === library.module;
  return [...(library.module === "std" ? [std] : []), ...found].sort(
    (a, b) => Number(isOwn(b)) - Number(isOwn(a)),
  );
}

function findingsDocument(binary: GoBinary, { probes, fields, maps, itabs, types }: Findings) {
  return {
    probes: probes.map(({ spec, sites, reason, returns }) => ({
      name: spec.name,
      program: spec.program,
      optional: spec.optional ?? false,
      sites: sites.map((site) => siteDocument(binary, site)),
      returns: returns ? returnsDocument(binary, returns) : null,
      reason: reason ?? null,
    })),
    fields: fields.map(fieldDocument),
    maps: maps.map(({ constant, type, layout, reason }) => ({
      constant,
      type,
      layout: layout?.kind ?? null,
      reason: reason ?? null,
    })),
    itabs: itabs.map(({ constant, interface: of, concrete, address, reason }) => ({
      constant,
      interface: of,
      concrete,
      address: address === undefined ? null : hex(address),
      reason: reason ?? null,
    })),
    types: types.map(({ constant, name, address, reason }) => ({
      constant,
      name,
      address: address === undefined ? null : hex(address),
      reason: reason ?? null,
    })),
  };
}

/** The callers of a function behind whose return a probe goes. */
function returnsDocument(binary: GoBinary, { kinds, unseen, always, omitted, learned }: FoundReturns) {
  const through = [...kinds].filter(([, kind]) => kind === "through");
  return {
    through: through.map(([address]) => ({
      function: binary.functions.at(address - 1)?.name ?? null,
      returnAddress: hex(address),
    })),
    unseen: unseen.map(callerDocument),
    always: always.map(callerDocument),
    omitted,
    learned,
  };
}

function callerDocument({ function: fn, returnAddress, reason }: UnseenReturn) {
  return { function: fn.name, returnAddress: hex(returnAddress), reason };
}

function siteDocument(
  binary: GoBinary,
  { function: fn, address, fileOffset, instruction, returnAddresses }: FoundSite,
) {
  const start = address - fn.address;
  const bytes = binary.code(fn).subarray(start, start + instruction.length);
  return {
    function: fn.name,
    address: hex(address),
    fileOffset: hex(fileOffset),
    instruction: instruction.kind,
    bytes: Buffer.from(bytes).toString("hex"),
    target:
      instruction.kind === "call" ? (binary.functions.at(instruction.target ?? -1)?.name ?? null) : null,
    emulated: instruction.emulated,
    returnAddresses: returnAddresses.map(hex),
  };
}

function fieldDocument({ constant, spec, found, reason }: FieldFinding) {
  return {
    constant,
    names: spec.names,
    optional: spec.optional ?? false,
    name: found?.name ?? null,
    offset: found?.offset ?? null,
    source: found?.source ?? null,
    version: found?.version ?? null,
    reason: reason ?? null,
  };
}
