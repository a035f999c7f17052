import type { FunctionTable, GoBinary } from "../binary/types.ts";
import type { Library, Site } from "../libraries/descriptor.ts";
import type { OffsetsTables } from "../offsets/field.ts";
import { planReasons } from "../report/plan.ts";
import { planConstants } from "./constants.ts";
import { isUsed, planProbes, planReturns, type ReturnsOfProbes } from "./probes.ts";
import { planSwitches } from "./switches.ts";
import type { LibraryPlan } from "./types.ts";
import { isModuleOlder, isOlder, ownVersion } from "./version.ts";

export interface PlanOptions {
  /** As the user wrote them: import paths or parts of them. */
  readonly disabled: readonly string[];
  /** What the target's addresses are higher by than the file's. */
  readonly loadBias: number;
  /** Asked only for fields that the binary itself doesn't describe. */
  readonly offsets: OffsetsTables;
}

/** What to do for each library in this binary. Pure: it looks at the binary's facts alone, and needs no rights. */
export function planLibraries(
  binary: GoBinary,
  libraries: readonly Library[],
  options: PlanOptions,
): readonly LibraryPlan[] {
  const prepared = withFunctions(binary, libraries.flatMap(functionsOf));
  prepared.types.prepare(libraries.flatMap(typesOf));
  const returns = planReturns(
    prepared,
    libraries.filter((library) => !isDisabled(library, options) && isUsed(prepared, library)),
  );
  return libraries.map((library) => planLibrary(prepared, library, returns, options));
}

/** The binary with all these functions looked up in one pass: each by itself takes milliseconds. */
function withFunctions(binary: GoBinary, names: readonly string[]): GoBinary {
  const wanted = new Set(names);
  const table = binary.functions;
  const found = table.findAll(wanted);
  const functions: FunctionTable = {
    find: (name) => (wanted.has(name) ? (found.get(name) ?? []) : table.find(name)),
    findAll: (all) => table.findAll(all),
    hasPackage: (path) => table.hasPackage(path),
    hasName: (name) => table.hasName(name),
    allNames: () => table.allNames(),
    at: (address) => table.at(address),
    all: () => table.all(),
  };
  // Not a copy: the binary reads its DWARF when first asked for it.
  return Object.create(binary, { functions: { value: functions } });
}

/** Every function that a library's probes speak of. */
function functionsOf({
  probes,
  switches = [],
  usedBy = [],
  unless = [],
  onlyWith,
}: Library): readonly string[] {
  const named = [
    ...probes.flatMap(({ site, when, unless }) => [...functionsOfSite(site), when, unless]),
    ...switches.flatMap(({ function: name, callee, unless }) => [name, callee, unless]),
  ];
  return [...usedBy, ...unless, ...[...named, onlyWith].filter((name) => name !== undefined)];
}

function functionsOfSite(site: Site): readonly string[] {
  if (site.at === "call") return [site.function, site.callee, ...(site.after ? [site.after] : [])];
  return site.at === "return" ? [...site.functions, ...(site.indirectIn ?? [])] : site.functions;
}

/** Every type that a library's constants speak of. */
function typesOf({ fields, maps, types = {} }: Library): readonly string[] {
  const structs = Object.values(fields).flatMap(({ names }) =>
    names.map((name) => name.slice(0, name.lastIndexOf("."))),
  );
  return [...structs, ...Object.values(maps), ...Object.values(types).flat()];
}

function planLibrary(
  binary: GoBinary,
  library: Library,
  returns: ReturnsOfProbes,
  options: PlanOptions,
): LibraryPlan {
  if (isDisabled(library, options)) return { status: "disabled", library, reason: planReasons.disabled };
  if (!isUsed(binary, library)) return { status: "absent", library, reason: planReasons.absent };
  const probes = planProbes(binary, library, returns);
  const found = probes.findings.filter(({ reason }) => reason === undefined).map(({ spec }) => spec.name);
  const constants = planConstants(binary, library, new Set(found), options);
  const findings = { probes: probes.findings, ...constants.findings };
  const reason = otherwise(binary, library) ?? probes.refusal ?? constants.refusal;
  if (reason !== undefined) return { status: "skipped", library, reason, findings };
  const switches = planSwitches(binary, library);
  return {
    status: "attach",
    library,
    globals: new Map([...constants.globals, ...probes.globals]),
    fields: constants.fields,
    programs: probes.programs,
    returnSites: probes.returnSites,
    switches: switches.addresses,
    without: [...probes.without, ...constants.without, ...switches.without],
    findings,
  };
}

function otherwise({ buildInfo }: GoBinary, { module, since, notWith = "" }: Library): string | undefined {
  const { goVersion, modules, settings } = buildInfo;
  // What go.mod's version and //go:debug lines make of it; an empty list is a list of "".
  if (notWith && settings.get("DefaultGODEBUG")?.split(",").includes(notWith))
    return planReasons.godebug(notWith);
  if (module === "std")
    return isOlder(goVersion, since) ? planReasons.tooOld(goVersion.text, since) : undefined;
  const used = modules.find(({ path }) => path === module);
  return used && isModuleOlder(used, since)
    ? planReasons.moduleTooOld(module, ownVersion(used), since)
    : undefined;
}

/** Whether the user has said to leave it alone; `disabled` as in the plan's options. */
export function isDisabled(library: Library, { disabled }: Pick<PlanOptions, "disabled">): boolean {
  return disabled.some((name) => names(library, name));
}

/** "net/http", "http" and "net/http/server" all name the library of the path "net/http/server". */
function names(library: Library, name: string): boolean {
  return `/${library.path}/`.includes(`/${name}/`);
}
