import { goLayout, type LayoutAnswer } from "../go-layout/go-layout.ts";
import { packageOf } from "./fields.ts";
import type { SourceTree } from "./source-tree.ts";

export const architectures = ["amd64", "arm64"] as const;
export type Architecture = (typeof architectures)[number];

/** Struct → field → byte offset; null for a struct that is not in this version. */
export type Layouts = Readonly<Record<string, Readonly<Record<string, number>> | null>>;
export type LayoutsByArchitecture = Readonly<Record<Architecture, Layouts>>;

export interface Sources {
  readonly std: SourceTree;
  /** By module path. */
  readonly modules: ReadonlyMap<string, SourceTree>;
  /** Adds the module that an absent package is in, if it can be told. */
  readonly require?: (packagePath: string) => void;
  /** Packages that were of use for another version: they are fetched together. */
  readonly likely: Set<string>;
}

/** What can't be done without: Go's version and its default experiments. */
const always = ["internal/goversion", "internal/buildcfg"];

/** Layouts of structs, undefined when the sources are not published. */
export async function layoutsOf(
  sources: Sources,
  structs: readonly string[],
): Promise<LayoutsByArchitecture | undefined> {
  const first = new Set([...always, ...structs.map(packageOf), ...sources.likely]);
  for (const tree of treesOf(sources)) if (!(await tree.add(first))) return undefined;
  return {
    amd64: await layoutsFor("amd64", sources, structs),
    arm64: await layoutsFor("arm64", sources, structs),
  };
}

async function layoutsFor(
  goarch: Architecture,
  sources: Sources,
  structs: readonly string[],
): Promise<Layouts> {
  const usual = await untilResolved(goarch, sources, structs, []);
  // Some structs are only in programs that are built with another experiment: buckets of maps in Go 1.24 and 1.25.
  const unusual = await untilResolved(goarch, sources, usual.missing, ["noswissmap"]);
  const found = { ...usual.structs, ...unusual.structs };
  return Object.fromEntries(structs.map((name) => [name, offsets(found[name])]));
}

function offsets(found: LayoutAnswer["structs"][string] | undefined): Record<string, number> | null {
  if (!found) return null;
  return Object.fromEntries(Object.entries(found.fields).map(([name, { offset }]) => [name, offset]));
}

/** Asks, and fetches the packages whose want leaves a struct without a layout, until there are none to be had. */
async function untilResolved(
  goarch: Architecture,
  sources: Sources,
  structs: readonly string[],
  experiments: readonly string[],
): Promise<LayoutAnswer> {
  for (;;) {
    const before = fetched(sources);
    const modules = Object.fromEntries(
      [...sources.modules].map(([path, { directory }]) => [path, directory] as const),
    );
    const goroot = sources.std.directory;
    const answer = await goLayout({ goroot, goarch, modules, structs, experiments });
    if (answer.unresolved.length === 0) return answer;
    await addAbsent(sources, answer.absent);
    // Of what versions share, another may have fetched what this one lacked.
    if (fetched(sources) > before) continue;
    giveUp(sources, answer.unresolved);
    return answer;
  }
}

/** Modules of before go.mod don't say which versions they need. */
function giveUp({ std, modules }: Sources, unresolved: readonly string[]): void {
  const [module] = modules.values();
  if (!module) throw new Error(`no layout of ${unresolved.join(", ")} in ${std.name}`);
  console.warn(
    `  ${module.name} with ${std.name}: left out are ${unresolved.join(", ")}: they need other modules`,
  );
}

function treesOf({ std, modules }: Sources): readonly SourceTree[] {
  return [std, ...modules.values()];
}

function fetched(sources: Sources): number {
  return treesOf(sources).reduce((sum, tree) => sum + tree.fetched, 0);
}

async function addAbsent(sources: Sources, absent: readonly string[]): Promise<void> {
  for (const each of absent) sources.require?.(each);
  for (const tree of treesOf(sources)) {
    for (const each of tree.lacking(absent)) sources.likely.add(each);
    await tree.add(absent);
  }
}
