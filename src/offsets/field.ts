import compare from "semver/functions/compare.js";
import type { GoBinary, StructType } from "../binary/types.ts";
import type { OffsetsTable, TableAnswer } from "./table.ts";
import { versionOf } from "./version.ts";

export type OffsetSource = "DWARF" | "runtime types" | "offsets.json" | "nearest older version";

export interface FieldOffset {
  /** The name under which this binary has the field. */
  readonly name: string;
  /** Bytes from the start of its struct. */
  readonly offset: number;
  readonly source: OffsetSource;
  /** Of the code that the offset was taken from, when a table gave it. */
  readonly version?: string;
}

/** Gives the tables of offsets, best first. Called only when the binary itself doesn't answer. */
export type OffsetsTables = () => readonly OffsetsTable[];

/**
 * Where a field is in this binary, by the first of its names that anything knows: what the compiler wrote for
 * debuggers, else what the Go runtime keeps for itself, which is there in stripped binaries of any version too, else
 * offsets.json for the version of the code, else for the nearest version before it.
 */
export function findField(
  binary: GoBinary,
  tables: OffsetsTables,
  names: readonly string[],
): FieldOffset | undefined {
  const described = new Set<string>();
  for (const name of names) {
    for (const [source, types] of sourcesOf(binary)) {
      const struct = types()?.struct(split(name).struct);
      const found = struct?.fields.find((each) => each.name === split(name).field);
      if (found) return { name, offset: found.offset, source };
      if (struct) described.add(name);
    }
  }
  // A struct that the binary describes has no other fields than it says.
  return findInTables(
    binary,
    tables,
    names.filter((name) => !described.has(name)),
  );
}

/**
 * What speaks against a field that `findField` gives no answer for. "other fields": the binary describes its struct,
 * without it; "no description": nothing describes its struct.
 */
export function whyNoField(
  binary: GoBinary,
  names: readonly string[],
): "other fields" | "no package" | "no description" {
  const structs = names.map((name) => split(name).struct);
  if (structs.some((name) => sourcesOf(binary).some(([, types]) => types()?.struct(name))))
    return "other fields";
  return names.some((name) => binary.functions.hasPackage(split(name).packagePath))
    ? "no description"
    : "no package";
}

type Structs = { struct(name: string): StructType | undefined } | undefined;

function sourcesOf(binary: GoBinary): readonly (readonly [OffsetSource, () => Structs])[] {
  return [
    ["DWARF", () => binary.debug],
    ["runtime types", () => binary.types],
  ];
}

function findInTables(
  binary: GoBinary,
  tables: OffsetsTables,
  names: readonly string[],
): FieldOffset | undefined {
  const present = names.filter((name) => binary.functions.hasPackage(split(name).packagePath));
  if (present.length === 0) return undefined;
  const answers = present.flatMap((name) =>
    tables().flatMap((table) => {
      const answer = lookUp(binary, table, name);
      return answer ? [{ name, answer }] : [];
    }),
  );
  const best = answers.find(({ answer }) => answer.exact) ?? newest(answers);
  if (!best) return undefined;
  const { name, answer } = best;
  const source = answer.exact ? "offsets.json" : "nearest older version";
  return { name, offset: answer.offset, source, version: answer.version };
}

function newest<T extends { readonly answer: TableAnswer }>(answers: readonly T[]): T | undefined {
  return answers.toSorted((a, b) => compare(b.answer.version, a.answer.version))[0];
}

function lookUp(binary: GoBinary, table: OffsetsTable, name: string): TableAnswer | undefined {
  const module = table.moduleOf(split(name).packagePath);
  const version = module === undefined ? undefined : versionOf(module, binary.buildInfo);
  return module === undefined || version === undefined
    ? undefined
    : table.lookUp(module, version, binary.arch, name);
}

/** "net/http.Request.Method": the package's path may hold dots too, type and field stand behind the last two. */
function split(name: string): { packagePath: string; struct: string; field: string } {
  const dot = name.lastIndexOf(".");
  const struct = name.slice(0, dot);
  return { packagePath: struct.slice(0, struct.lastIndexOf(".")), struct, field: name.slice(dot + 1) };
}
