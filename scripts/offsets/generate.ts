import { rmSync } from "node:fs";
import { join } from "node:path";
import type { LayoutCache } from "./cache.ts";
import type { FieldName } from "./fields.ts";
import { type Layouts, type LayoutsByArchitecture, layoutsOf } from "./layouts.ts";
import { moduleLayouts, type Place } from "./module-layouts.ts";
import { SourceTree } from "./source-tree.ts";
import { type ModuleTable, moduleTable, type Offsets, type VersionOffsets, versionOffsets } from "./table.ts";
import type { Version } from "./versions.ts";

/** Versions at once: the proxy takes longer to answer than two processors to compute. */
const parallel = 3;

export interface Job {
  /** Its path, or "std". */
  readonly module: string;
  readonly fields: readonly FieldName[];
  /** Ascending. */
  readonly versions: readonly Version[];
  /** What is known already and still holds. */
  readonly known: ModuleTable | undefined;
  readonly cache: LayoutCache;
  readonly place: Place;
}

export interface Result {
  readonly table: ModuleTable;
  /** Number of versions whose sources were read. */
  readonly computed: number;
  /** Versions that the proxy doesn't have. */
  readonly unpublished: string[];
  readonly failures: readonly string[];
}

/** The table of one module: what is known stays, what is not is computed from the sources. */
export async function generate(job: Job): Promise<Result> {
  const found = new Map<string, VersionOffsets>();
  const unpublished: string[] = [];
  const failures: string[] = [];
  let computed = 0;
  const queue = job.versions.values();
  const work = async (): Promise<void> => {
    for (const version of queue) {
      try {
        const result = await versionResult(job, version);
        if (!result) unpublished.push(version.text);
        else found.set(version.text, result.offsets);
        if (result?.computed) computed++;
      } catch (error) {
        failures.push(`${job.module} ${version.text}: ${(error as Error).message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  const names = job.fields.map(({ full }) => full);
  return { table: moduleTable(names, found), computed, unpublished, failures };
}

async function versionResult(
  job: Job,
  version: Version,
): Promise<{ offsets: VersionOffsets; computed: boolean } | undefined> {
  const known = job.known?.versions.includes(version.text)
    ? versionOffsets(job.known, version.text)
    : nothing;
  const structs = new Set(job.fields.flatMap(({ full, struct }) => (full in known.amd64 ? [] : struct)));
  const cached = job.cache.read(version.text);
  const lacking = [...structs].filter((struct) => !(struct in cached.amd64));
  const computed = lacking.length > 0 ? await compute(job, version, lacking) : nothing;
  if (!computed) return undefined;
  const layouts = {
    amd64: { ...cached.amd64, ...computed.amd64 },
    arm64: { ...cached.arm64, ...computed.arm64 },
  };
  if (lacking.length > 0) job.cache.write(version.text, layouts);
  return {
    computed: lacking.length > 0,
    offsets: {
      amd64: { ...offsetsIn(layouts.amd64, job.fields), ...known.amd64 },
      arm64: { ...offsetsIn(layouts.arm64, job.fields), ...known.arm64 },
    },
  };
}

const nothing = { amd64: {}, arm64: {} };

async function compute(
  { module, place: shared }: Job,
  version: Version,
  structs: readonly string[],
): Promise<LayoutsByArchitecture | undefined> {
  const place = { ...shared, directory: join(shared.directory, version.tag) };
  try {
    if (module !== "std") return await moduleLayouts(place, module, version, structs);
    const std = new SourceTree(place.proxy, place.directory, module, version.tag);
    return await layoutsOf({ std, modules: new Map(), likely: place.likely }, structs);
  } finally {
    rmSync(place.directory, { recursive: true, force: true });
  }
}

function offsetsIn(layouts: Layouts, fields: readonly FieldName[]): Offsets {
  return Object.fromEntries(
    fields.flatMap(({ full, struct, field }) =>
      struct in layouts ? [[full, layouts[struct]?.[field] ?? null] as const] : [],
    ),
  );
}
