// Writes offsets.json: where fields are, in every published version of Go and of the modules, by the sources.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import compare from "semver/functions/compare.js";
import { libraries } from "../../src/generated/registry.ts";
import { LayoutCache } from "./cache.ts";
import { type FieldName, fieldsOf, isStandard } from "./fields.ts";
import { generate, type Result } from "./generate.ts";
import { bytesFetched } from "./source-tree.ts";
import { formatTable, type ModuleTable, readTable } from "./table.ts";
import { goVersions, moduleOf, moduleVersions, proxyUrl, type Version } from "./versions.ts";

const { values: options } = parseArgs({
  options: {
    full: { type: "boolean", default: false },
    output: { type: "string", default: join(import.meta.dirname, "../../offsets.json") },
  },
});

// Background work: it takes minutes, and what else runs here must not wait.
setPriority(10);
const directory = mkdtempSync(join(tmpdir(), "offsets-"));
process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));
await main();

async function main(): Promise<void> {
  const before = options.full ? undefined : readTable(options.output);
  const go = await goVersions();
  const proxy = await proxyUrl();
  const std = new Map();
  const tables: Record<string, ModuleTable> = {};
  for (const [module, fields] of await byModule(fieldsOf(libraries))) {
    const versions =
      module === "std" ? go : withKnown((await moduleVersions(module)) ?? [], before?.modules[module]);
    const newest = newestMinor(go.map(({ text }) => text));
    // Layouts of modules were computed with the newest Go of then.
    const holds = module === "std" || newestMinor(before?.modules.std?.versions ?? []) === newest;
    const result = await generate({
      module,
      fields,
      versions,
      known: holds ? before?.modules[module] : undefined,
      cache: new LayoutCache(module, module === "std" ? "" : newest, options.full),
      place: {
        proxy,
        directory,
        stdDirectory: join(directory, "std"),
        goVersions: go,
        std,
        likely: new Set(),
      },
    });
    tables[module] = result.table;
    report(module, versions, fields, result);
  }
  writeFileSync(options.output, formatTable({ schema: 1, modules: tables }));
  console.log(`${options.output}: ${Math.round(bytesFetched / 1e6)} MB fetched`);
}

/** The proxy may have versions that it doesn't list. */
function withKnown(listed: readonly Version[], known: ModuleTable | undefined): readonly Version[] {
  const texts = new Set(listed.map(({ text }) => text));
  const unlisted = (known?.versions ?? []).filter((text) => !texts.has(text));
  return [...listed, ...unlisted.map((text) => ({ text, tag: `v${text}` }))].sort((a, b) =>
    compare(a.text, b.text),
  );
}

async function byModule(fields: readonly FieldName[]): Promise<readonly (readonly [string, FieldName[]])[]> {
  const modules = new Map<string, FieldName[]>();
  const ofPackage = new Map<string, string>();
  for (const field of fields) {
    const { packagePath } = field;
    const module =
      ofPackage.get(packagePath) ?? (isStandard(packagePath) ? "std" : await moduleOf(packagePath));
    ofPackage.set(packagePath, module);
    modules.set(module, [...(modules.get(module) ?? []), field]);
  }
  return [...modules].sort(([a], [b]) => (a < b ? -1 : 1));
}

function newestMinor(versions: readonly string[]): string {
  return versions.at(-1)?.split(".", 2).join(".") ?? "";
}

function report(
  module: string,
  versions: readonly Version[],
  fields: readonly FieldName[],
  { table, computed, unpublished, failures }: Result,
): void {
  console.log(`${module}: ${table.versions.length} versions, ${computed} computed; ${fields.length} fields`);
  if (unpublished.length > 0)
    console.log(
      `  ${unpublished.length} of ${versions.length} not on the proxy: ${unpublished.sort(compare).join(", ")}`,
    );
  const unknown = fields.filter(({ full }) => !(full in table.fields)).map(({ full }) => full);
  for (const each of [...failures, ...unknown.map((name) => `${name} is in no version`)]) {
    console.error(`  ${each}`);
    process.exitCode = 1;
  }
}
