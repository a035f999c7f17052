import { readFileSync } from "node:fs";
import compare from "semver/functions/compare.js";

/** Offsets from one version on; null where there is no such field. */
type Change = readonly [version: string, offset: number | null];
type Fields = Readonly<Record<string, readonly Change[]>>;

export interface ModuleTable {
  /** All that were examined, ascending. */
  readonly versions: readonly string[];
  readonly fields: Fields;
  /** Fields that differ from amd64. */
  readonly arm64?: Fields;
}

/** offsets.json. */
export interface Table {
  readonly schema: 1;
  readonly modules: Readonly<Record<string, ModuleTable>>;
}

/** Field → offset in one version, null where there is none. */
export type Offsets = Readonly<Record<string, number | null>>;
export interface VersionOffsets {
  readonly amd64: Offsets;
  readonly arm64: Offsets;
}

export function readTable(path: string): Table | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Table;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** What a table says of one of its versions, for the fields that it has. */
export function versionOffsets({ fields, arm64 }: ModuleTable, version: string): VersionOffsets {
  const at = (all: Fields): Offsets =>
    Object.fromEntries(
      Object.entries(all).map(([field, changes]) => [
        field,
        changes.findLast(([from]) => compare(from, version) <= 0)?.[1] ?? null,
      ]),
    );
  return { amd64: at(fields), arm64: at({ ...fields, ...arm64 }) };
}

/** A field that no version has gets no line. */
export function moduleTable(
  fields: readonly string[],
  found: ReadonlyMap<string, VersionOffsets>,
): ModuleTable {
  const versions = [...found.keys()].sort(compare);
  const changes = (arch: keyof VersionOffsets): Fields =>
    Object.fromEntries(
      fields.map((field) => [
        field,
        changesOf(versions.map((each) => [each, found.get(each)?.[arch][field] ?? null])),
      ]),
    );
  const amd64 = changes("amd64");
  const differing = Object.entries(changes("arm64")).filter(
    ([field, own]) => JSON.stringify(own) !== JSON.stringify(amd64[field]),
  );
  const present = Object.entries(amd64).filter(([, each]) => each.length > 0);
  return {
    versions,
    fields: Object.fromEntries(present),
    ...(differing.length > 0 && { arm64: Object.fromEntries(differing) }),
  };
}

function changesOf(all: readonly Change[]): readonly Change[] {
  return all.filter(([, offset], i) => offset !== (all[i - 1]?.[1] ?? null));
}

/** One line for each field and for the versions of each minor release: a new version changes few lines. */
export function formatTable({ schema, modules }: Table): string {
  const one = (name: string, { versions, fields, arm64 }: ModuleTable): string =>
    object(2, name, [
      list(3, "versions", minors(versions)),
      object(3, "fields", lines(4, fields)),
      ...(arm64 ? [object(3, "arm64", lines(4, arm64))] : []),
    ]);
  const all = Object.entries(modules).map(([name, table]) => one(name, table));
  return `{\n "schema": ${schema},\n${object(1, "modules", all)}\n}\n`;
}

function lines(depth: number, fields: Fields): string[] {
  return Object.entries(fields).map(
    ([name, changes]) => `${" ".repeat(depth)}${JSON.stringify(name)}: ${JSON.stringify(changes)}`,
  );
}

function minors(versions: readonly string[]): string[] {
  const groups = new Map<string, string[]>();
  for (const version of versions) {
    const minor = version.split(".", 2).join(".");
    groups.set(minor, [...(groups.get(minor) ?? []), JSON.stringify(version)]);
  }
  return [...groups.values()].map((group) => `    ${group.join(", ")}`);
}

function object(depth: number, name: string, members: readonly string[]): string {
  const indent = " ".repeat(depth);
  return `${indent}${JSON.stringify(name)}: {\n${members.join(",\n")}\n${indent}}`;
}

function list(depth: number, name: string, items: readonly string[]): string {
  const indent = " ".repeat(depth);
  return `${indent}${JSON.stringify(name)}: [\n${items.join(",\n")}\n${indent}]`;
}
