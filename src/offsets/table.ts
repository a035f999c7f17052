// The format of offsets.json, which scripts/gen-offsets writes: docs/decisions/0007.
import compare from "semver/functions/compare.js";
import valid from "semver/functions/valid.js";
import * as v from "valibot";
import type { Architecture } from "../binary/types.ts";
import type { CodeVersion } from "./version.ts";

/** Of the format. An agent takes no other one. */
export const offsetsSchema = 1;

/**
 * Bytes. The file has 60 KB for 30 fields; hostile JSON takes up to 22 times its size of memory, and the agent's heap
 * ends at 48 MB.
 */
export const maxOffsetsSize = 1024 * 1024;

const version = v.pipe(
  v.string(),
  v.check((text) => valid(text) === text, "a version is not semantic"),
);
/** A BPF constant has 16 bits. */
const offset = v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff)));
const ascending = <T>(versionOf: (item: T) => string) =>
  v.check<T[], string>(
    (items) =>
      items.every((item, i) => {
        const before = items[i - 1];
        return before === undefined || compare(versionOf(before), versionOf(item)) < 0;
      }),
    "versions are not in order",
  );
const changes = v.pipe(
  v.array(v.tuple([version, offset])),
  v.minLength(1),
  ascending<[string, number | null]>(([first]) => first),
);
const fields = v.record(v.string(), changes);
const schema = v.object({
  schema: v.literal(offsetsSchema),
  modules: v.record(
    v.string(),
    v.object({
      versions: v.pipe(
        v.array(version),
        v.minLength(1),
        ascending<string>((text) => text),
      ),
      fields,
      arm64: v.optional(fields),
    }),
  ),
});

type Content = v.InferOutput<typeof schema>;
type Change = v.InferOutput<typeof changes>[number];
type Module = Content["modules"][string];

export interface TableAnswer {
  readonly offset: number;
  /** The version whose offset this is. */
  readonly version: string;
  /** True when the version that was asked for is listed, or lies between two listed ones that agree. */
  readonly exact: boolean;
}

/** The newest version of each module in any of the tables. */
export function newestVersions(tables: readonly OffsetsTable[]): Map<string, string> {
  const newest = new Map<string, string>();
  for (const [module, version] of tables.flatMap((table) => [...table.newest()]))
    if (compare(version, newest.get(module) ?? version) >= 0) newest.set(module, version);
  return newest;
}

/** The text is no table that this agent can use; the message says what is wrong. */
export class BadOffsets extends Error {
  override name = "BadOffsets";
}

export function tooLarge(limit: number): BadOffsets {
  return new BadOffsets(`it is larger than ${limit} bytes`);
}

/** Offsets of the fields that libraries name, by module and version. */
export class OffsetsTable {
  readonly #modules: ReadonlyMap<string, Module>;

  constructor({ modules }: Content) {
    this.#modules = new Map(Object.entries(modules));
  }

  /** The longest module path of the table that the package belongs to, "std" for Go's own packages. */
  moduleOf(packagePath: string): string | undefined {
    if (!packagePath.split("/", 1)[0]?.includes(".")) return this.#modules.has("std") ? "std" : undefined;
    return [...this.#modules.keys()]
      .filter((path) => packagePath === path || packagePath.startsWith(`${path}/`))
      .reduce<string | undefined>(
        (best, path) => (path.length > (best?.length ?? 0) ? path : best),
        undefined,
      );
  }

  /** Where the field is in this version, or was in the last version before it that the table knows. */
  lookUp(module: string, code: CodeVersion, arch: Architecture, field: string): TableAnswer | undefined {
    const known = this.#modules.get(module);
    const changes = (arch === "arm64" ? own(known?.arm64, field) : undefined) ?? own(known?.fields, field);
    const change = lastUpTo<Change>(changes ?? [], ([first]) => first, code.text);
    const nearest = lastUpTo<string>(known?.versions ?? [], (text) => text, code.text);
    if (!change || change[1] === null || nearest === undefined) return undefined;
    // A few released versions are on no proxy and therefore not listed.
    const next = known?.versions.find((text) => compare(text, code.text) > 0);
    const agreed = next !== undefined && lastUpTo<Change>(changes ?? [], ([first]) => first, next) === change;
    return {
      offset: change[1],
      version: nearest,
      exact: code.published && (nearest === code.text || agreed),
    };
  }

  /** How many fields it knows, of all modules together. */
  get fieldCount(): number {
    return [...this.#modules.values()].reduce((sum, { fields }) => sum + Object.keys(fields).length, 0);
  }

  /** Newest version of each module. */
  newest(): ReadonlyMap<string, string> {
    return new Map([...this.#modules].map(([path, { versions }]) => [path, versions.at(-1) ?? ""]));
  }
}

/**
 * Reads the bytes of an offsets.json.
 * @throws BadOffsets when it is not one of this schema
 */
export function decodeOffsets(content: Uint8Array): OffsetsTable {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    throw new BadOffsets("it is not UTF-8 text");
  }
  return parseOffsets(text);
}

/** As decodeOffsets, for text. */
export function parseOffsets(text: string): OffsetsTable {
  if (text.length > maxOffsetsSize) throw tooLarge(maxOffsetsSize);
  const result = v.safeParse(schema, parseJson(text), { abortEarly: true });
  if (result.success) return new OffsetsTable(result.output);
  const [issue] = result.issues;
  throw new BadOffsets(`${v.getDotPath(issue) ?? "the whole file"}: ${issue.message}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadOffsets(`it is not JSON: ${(error as Error).message}`);
  }
}

/** Not what every object inherits. */
function own(fields: Module["fields"] | undefined, name: string): Change[] | undefined {
  return fields && Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** Versions ascend: the last that is not above the limit. */
function lastUpTo<T>(items: readonly T[], versionOf: (item: T) => string, limit: string): T | undefined {
  return items.findLast((item) => compare(versionOf(item), limit) <= 0);
}
