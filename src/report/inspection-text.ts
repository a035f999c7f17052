import type { Colors } from "./colors.ts";
import type { FieldDocument, InspectionDocument, LibraryDocument } from "./inspection-document.ts";
import { ruleLines } from "./inspection-rules.ts";
import { printable, printablePath } from "./printable.ts";
import { aligned } from "./table.ts";

type Row = readonly string[];
type Module = NonNullable<InspectionDocument["main"]>;

/** The document as a text: the program first, then a block a library. */
export function inspectionText(document: InspectionDocument, colors: Colors): string {
  const blocks = [
    aligned(programRows(document)),
    ...document.libraries.map((library) => libraryLines(library, colors)),
    ...(document.rules.length > 0 ? [ruleLines(document.rules, colors)] : []),
  ];
  return blocks.map((lines) => lines.join("\n")).join("\n\n");
}

function programRows(document: InspectionDocument): readonly Row[] {
  const { build, process } = document;
  return [
    ["file", printablePath(document.file)],
    ...(process ? [["process", processText(process)]] : []),
    ["size", sizeText(document.size)],
    ["architecture", document.architecture],
    ["Go", printable(document.go)],
    ["built", builtText(build)],
    ["experiments", build.experiments.map((name) => printable(name)).join(", ") || "none"],
    ["revision", revisionText(build.revision)],
    ["build id", printable(build.id ?? "none")],
    ["package", printable(document.package ?? "unknown")],
    ["main module", document.main ? moduleText(document.main) : "none"],
    ["other modules", String(document.modules)],
    ["goid counter", goidText(document.goidCounter)],
  ];
}

function processText({ pid, loadBias }: NonNullable<InspectionDocument["process"]>): string {
  return `${pid}, its addresses are ${loadBias === null ? "not known" : `the file's plus ${loadBias}`}`;
}

/** Only amd64's code is searched for it. */
function goidText(address: string | null): string {
  return address ?? "not found: which goroutines are older than a request is known of fewer";
}

function sizeText(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB (${bytes.toLocaleString("en")} bytes)`;
}

function builtText(build: InspectionDocument["build"]): string {
  const saidOnly = (value: boolean | null, yes: string) => (value ? yes : "");
  return [
    build.stripped ? "stripped" : "with symbols",
    build.dwarf ? "with DWARF" : "without DWARF",
    build.positionIndependent ? "position-independent" : "at fixed addresses",
    build.dynamic ? "dynamically linked" : "statically linked",
    build.cgo ? "with cgo" : "without cgo",
    saidOnly(build.race, "-race"),
    saidOnly(build.trimpath, "-trimpath"),
    saidOnly(build.profile, "with a profile (PGO)"),
    build.race === null ? "other settings not recorded" : "",
  ]
    .filter(Boolean)
    .join(", ");
}

function revisionText(revision: InspectionDocument["build"]["revision"]): string {
  if (revision === null) return "not recorded";
  const { system, id, time, modified } = revision;
  const text = [system, id, time && `of ${time}`].filter((part) => part !== null).join(" ");
  return printable(modified ? `${text}, with changes` : text);
}

function moduleText({ path, version, replacedBy }: Module): string {
  if (path === "std") return `standard library ${printable(version)}`;
  const text = `${path} ${version}`;
  return printable(replacedBy ? `${text}, replaced by ${replacedBy.path} ${replacedBy.version}` : text);
}

const statusTexts = {
  attach: "would be attached",
  absent: "not attached",
  disabled: "not attached",
  skipped: "skipped",
} as const;

function libraryLines(library: LibraryDocument, colors: Colors): readonly string[] {
  const paint = { attach: colors.green, absent: colors.dim, disabled: colors.dim, skipped: colors.yellow };
  const status = paint[library.status](statusTexts[library.status]);
  const reason = library.reason === null ? "" : `, ${printable(library.reason)}`;
  return [
    `${colors.bold(library.name)}: ${status}${reason}`,
    ...library.modules.map((module) => `  module ${moduleText(module)}`),
    ...library.without.map((what) => colors.yellow(`  without ${printable(what)}`)),
    ...section("probes", byName(library.probes).flatMap(probeRows)),
    ...section("fields", library.fields.map(fieldRow), (line) =>
      line.startsWith("    !") ? colors.yellow(line) : line,
    ),
    ...section(
      "maps",
      library.maps.map(({ constant, type, layout, reason }) => [constant, type, layout ?? reason ?? ""]),
    ),
    ...section(
      "itabs",
      library.itabs.map(({ constant, concrete, address, reason }) => [
        constant,
        concrete,
        address ?? "-",
        reason ?? "",
      ]),
    ),
    ...section(
      "types",
      library.types.map(({ constant, name, address, reason }) => [
        constant,
        name,
        address ?? "-",
        reason ?? "",
      ]),
    ),
  ];
}

function section(title: string, rows: readonly Row[], paint = (line: string) => line): readonly string[] {
  if (rows.length === 0) return [];
  const lines = aligned(rows.map((row) => row.map((cell) => printable(cell))));
  return ["", `  ${title}`, ...lines.map((line) => paint(`    ${line}`))];
}

type ProbeDocument = LibraryDocument["probes"][number];

/** Places that are listed for one probe: a large program may call a function in hundreds of places. */
const maxPlaces = 10;

/** What versions of a library have in different places goes by one name, and stands there once, with all its places. */
function byName(probes: readonly ProbeDocument[]): readonly ProbeDocument[] {
  const named = new Map<string, ProbeDocument>();
  for (const probe of probes) {
    const before = named.get(probe.name);
    named.set(probe.name, before ? joined(before, probe) : probe);
  }
  return [...named.values()];
}

function joined(a: ProbeDocument, b: ProbeDocument): ProbeDocument {
  const isThere = ({ sites, reason }: ProbeDocument) => sites.length > 0 || reason === null;
  if (!isThere(b)) return a;
  if (!isThere(a)) return b;
  const places = new Map([...a.sites, ...b.sites].map((site) => [site.address, site]));
  return { ...a, sites: [...places.values()], returns: a.returns ?? b.returns };
}

/** A row a place; its name stands at the first. */
function probeRows({ name, sites, returns, reason }: ProbeDocument): readonly Row[] {
  const places = sites
    .slice(0, maxPlaces)
    .map((site, index) => [
      index === 0 ? name : "",
      site.address,
      site.bytes,
      [site.instruction, site.emulated ? "(emulated)" : "(single-stepped)"].join(" "),
      placeText(site),
    ]);
  const more = sites.length - places.length;
  return [
    ...(sites.length === 0
      ? [[name, "-", "", "", reason ?? "none yet: callers are learned while it runs"]]
      : places),
    ...(more > 0 ? [["", "", "", "", `and ${more} more`]] : []),
    ...(returns && returns.through.length > 0 ? [["", "", "", "", throughText(returns)]] : []),
    ...(returns?.always.slice(0, maxPlaces).map(({ reason }) => ["", "", "", "", alwaysText(reason)]) ?? []),
  ];
}

function placeText({ function: fn, target, returnAddresses }: ProbeDocument["sites"][number]): string {
  if (returnAddresses.length > 0) return `behind the return in ${fn}`;
  return target === null ? `in ${fn}` : `of ${target} in ${fn}`;
}

function throughText({ through }: NonNullable<ProbeDocument["returns"]>): string {
  const names = [...new Set(through.map((caller) => caller.function ?? caller.returnAddress))];
  const more = names.length - maxPlaces;
  return `handed through by ${names.slice(0, maxPlaces).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function alwaysText(reason: string): string {
  return `hit also without an error: ${reason}`;
}

/** "!" marks an offset that is a guess. */
function fieldRow({ constant, names, name, offset, source, version, reason }: FieldDocument): Row {
  if (name === null || source === null) return ["", constant, names[0] ?? "", "-", reason ?? ""];
  const guessed = source === "nearest older version";
  return [
    guessed ? "!" : "",
    constant,
    name,
    String(offset),
    version === null ? source : guessed ? `${source} ${version}` : `${source}, ${version}`,
  ];
}
