import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Architecture, type Layouts, type LayoutsByArchitecture, layoutsOf } from "./layouts.ts";
import { SourceTree } from "./source-tree.ts";
import type { Version } from "./versions.ts";

const run = promisify(execFile);

/** Oldest minor release of Go that programs are promised to be read of. */
const oldestMinor = 19;

/** Where sources come from and go to. */
export interface Place {
  readonly proxy: string;
  /** Directory to fetch this version's sources to. */
  readonly directory: string;
  /** Directory of `std`. */
  readonly stdDirectory: string;
  readonly goVersions: readonly Version[];
  /** GOROOTs by tag, shared by all versions of all modules. */
  readonly std: Map<string, SourceTree>;
  readonly likely: Set<string>;
}

interface GoMod {
  readonly Go?: string;
  readonly Require?: readonly { readonly Path: string; readonly Version: string }[] | null;
}

/**
 * Layouts of structs in one version of a module; undefined when it is not published. A struct that holds one of Go's
 * own by value may differ by the Go that compiles it: fields that are elsewhere with the oldest Go that can and with the
 * newest are left out, for a wrong offset is worse than none.
 */
export async function moduleLayouts(
  place: Place,
  module: string,
  version: Version,
  structs: readonly string[],
): Promise<LayoutsByArchitecture | undefined> {
  const tree = new SourceTree(place.proxy, place.directory, module, version.tag);
  if (!(await tree.add([module]))) return undefined;
  const goMod = await readGoMod(join(tree.directory, "go.mod"));
  const modules = new Map([[module, tree]]);
  const require = (packagePath: string): void => addModule(place, goMod, modules, packagePath);
  const found: LayoutsByArchitecture[] = [];
  for (const std of goroots(place, goMod)) {
    const layouts = await layoutsOf({ std, modules, require, likely: place.likely }, structs);
    if (!layouts) return undefined;
    found.push(layouts);
  }
  return agreed(found);
}

async function readGoMod(path: string): Promise<GoMod> {
  // Modules are older than go.mod.
  if (!existsSync(path)) return {};
  return JSON.parse((await run("go", ["mod", "edit", "-json", path])).stdout) as GoMod;
}

/** The newest patch of the oldest minor release that compiles the module, and the newest release. */
function goroots(place: Place, { Go: needed = "1.0" }: GoMod): readonly SourceTree[] {
  const releases = place.goVersions.filter(({ text }) => !text.includes("-"));
  const minor = Math.max(oldestMinor, Number(needed.split(".")[1]));
  const oldest = releases.findLast(({ text }) => text.startsWith(`1.${minor}.`));
  const newest = releases.at(-1);
  return [...new Set([oldest, newest])].flatMap((each) => {
    if (!each) return [];
    const tree = place.std.get(each.tag) ?? new SourceTree(place.proxy, place.stdDirectory, "std", each.tag);
    place.std.set(each.tag, tree);
    return tree;
  });
}

/** The version that go.mod names, which is the least that a program has. */
function addModule(
  place: Place,
  { Require: requirements }: GoMod,
  modules: Map<string, SourceTree>,
  packagePath: string,
): void {
  const [best] = (requirements ?? [])
    .filter(({ Path: path }) => packagePath === path || packagePath.startsWith(`${path}/`))
    .sort((a, b) => b.Path.length - a.Path.length);
  if (!best || modules.has(best.Path)) return;
  modules.set(best.Path, new SourceTree(place.proxy, place.directory, best.Path, best.Version));
}

/** Some structs are only in what certain versions of Go compile: they have the layout that those give. */
function agreed(found: readonly LayoutsByArchitecture[]): LayoutsByArchitecture {
  const common = (arch: Architecture): Layouts => {
    const names = found.flatMap((each) => Object.keys(each[arch]));
    return Object.fromEntries(
      names.map((struct) => [struct, commonFields(found.map((each) => each[arch][struct] ?? null))]),
    );
  };
  return { amd64: common("amd64"), arm64: common("arm64") };
}

function commonFields(layouts: readonly Layouts[string][]): Layouts[string] {
  const [first, ...others] = layouts.filter((each) => each !== null);
  if (first === undefined) return null;
  return Object.fromEntries(
    Object.entries(first).filter(([field, offset]) => others.every((each) => each[field] === offset)),
  );
}
