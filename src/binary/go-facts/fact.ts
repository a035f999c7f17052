import type { Architecture } from "../types.ts";

/**
 * What this project knows of Go's runtime stands in this folder, each fact once, with the line of Go's sources that
 * says it: `https://github.com/golang/go/blob/<release>/<file>#L<line>`. `scripts/check-go-facts` verifies all of
 * them against the sources of every Go release.
 */
export const sourceBase = "https://github.com/golang/go/blob";

/** The release that lines are of, where a fact names no other. */
export const pinnedRelease = "go1.27.4";

/** Oldest minor release of Go 1 that the facts cover. A release newer than the newest known is taken to be like it. */
export const oldestMinor = 17;

/**
 * A value, or values by the minor release of Go 1 from which on they hold: `{ 17: 280, 20: 296 }`. null says that
 * there is none from that release on.
 */
export type Since<T> = T | { readonly [minor: number]: T | null };

export interface Source {
  /** In the repository of Go: "src/runtime/symtab.go". */
  readonly file: string;
  readonly line: number;
  /** A release that has the line, when the pinned one hasn't. */
  readonly release?: string;
}

export interface FieldFact extends Omit<Source, "file"> {
  readonly file?: string;
  /** Byte offset in the struct; none where each binary is asked for it. */
  readonly at?: Since<number>;
  /** Size in bytes. */
  readonly bytes: Since<number>;
  /** Its name in Go, when that isn't its key here. */
  readonly name?: Since<string>;
}

export type Fields = Readonly<Record<string, FieldFact>>;

/** A struct of Go's runtime; the same on amd64 and arm64. */
export interface StructFact<F extends Fields = Fields, S extends Since<number> = Since<number>>
  extends Source {
  /** Full name, "runtime.moduledata". */
  readonly struct: Since<string>;
  /** Size in bytes, where that matters. */
  readonly size?: S;
  /** What GOEXPERIMENT has to say where the struct isn't there without. */
  readonly experiment?: Since<string>;
  readonly fields: F;
}

/** A line of a file whose first group of `pattern` is the value. */
export interface SourceText {
  readonly file: string;
  readonly pattern: RegExp;
}

/** A number or a text in Go's sources. */
export interface ValueFact<V extends Since<number | string> = Since<number | string>> extends Source {
  readonly value: V;
  /** Who says so: a constant, by its full name, or a text. */
  readonly says: Since<string | SourceText>;
  /** Where it holds; everywhere when left out. */
  readonly arch?: Architecture;
}

/** The type of a value at one release. */
type Plain<S> = S extends number
  ? number
  : S extends string
    ? string
    : S extends SourceText | undefined
      ? S
      : S extends { readonly [minor: number]: infer V }
        ? V extends null
          ? undefined
          : Plain<V>
        : never;

export function goStruct<const F extends Fields, const S extends Since<number>>(
  fact: StructFact<F, S>,
): StructFact<F, S> & { readonly size: S } {
  return fact as StructFact<F, S> & { readonly size: S };
}

export function goValue<const V extends Since<number | string>>(fact: ValueFact<V>): ValueFact<V> {
  return fact;
}

/** The value at a minor release of Go 1. */
export function valueAt<S>(since: S, minor: number): Plain<S> {
  return lookUp(since, minor) as Plain<S>;
}

function lookUp(since: unknown, minor: number): unknown {
  if (!isTable(since)) return since;
  const from = releasesOf(since).findLast((release) => release <= minor);
  return from === undefined ? undefined : (since[from] ?? undefined);
}

/** The minor releases with which a value changed, oldest first. */
export function releasesOf(since: unknown): readonly number[] {
  return isTable(since) ? Object.keys(since).map(Number) : [oldestMinor];
}

function isTable(since: unknown): since is { readonly [minor: number]: unknown } {
  return typeof since === "object" && since !== null && !("pattern" in since);
}

/** Byte offsets of all fields at a minor release of Go 1, to be resolved once a binary. */
export function offsetsAt<F extends Fields>(
  { fields }: { readonly fields: F },
  minor: number,
): { readonly [K in keyof F]: Plain<F[K]["at"]> } {
  const offsets = Object.entries(fields).map(([key, { at }]) => [key, valueAt(at, minor)]);
  return Object.fromEntries(offsets);
}

/** Byte offsets of a struct whose fields never moved. */
export function offsetsOf<F extends Readonly<Record<string, FieldFact & { readonly at: number }>>>({
  fields,
}: {
  readonly fields: F;
}): { readonly [K in keyof F]: number } {
  const offsets = Object.entries(fields).map(([key, { at }]) => [key, at]);
  return Object.fromEntries(offsets);
}

/** Values that never changed. */
export function valuesOf<K extends string, V>(
  facts: Readonly<Record<K, { readonly value: V }>>,
): Readonly<Record<K, V>> {
  const values = Object.entries<{ readonly value: V }>(facts).map(([key, { value }]) => [key, value]);
  return Object.fromEntries(values);
}

/** Full names of a field, "runtime.g.goid": today's first, then what it was called before. */
export function fieldNames<F extends Fields>(fact: StructFact<F>, key: keyof F & string): readonly string[] {
  const name = fact.fields[key]?.name ?? key;
  const releases = [...releasesOf(fact.struct), ...releasesOf(name)].sort((a, b) => b - a);
  const names = releases.map((release) => {
    const struct = valueAt(fact.struct, release);
    return struct === undefined ? undefined : `${struct}.${valueAt(name, release)}`;
  });
  return [...new Set(names.filter((name) => name !== undefined))];
}
