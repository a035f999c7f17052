import {
  type FieldFact,
  pinnedRelease,
  type Source,
  type SourceText,
  type StructFact,
  type ValueFact,
  valueAt,
} from "../../src/binary/go-facts/fact.ts";
import type { FieldLayout, Place } from "../go-layout/go-layout.ts";
import type { Fact } from "./facts.ts";
import { type GoSources, nameAt } from "./sources.ts";

/** One thing that a fact says, beside what one release says on one architecture. */
export interface Statement {
  /** "moduledata.types", "itab (size)" */
  readonly name: string;
  readonly written: string;
  readonly found: string;
  /** The line that the fact names. */
  readonly source: Required<Source>;
  /** The line where this release says it. */
  readonly place: Place | undefined;
}

/** What isn't there, as written or as found. */
export const absent = "absent";
const present = "present";

/** All that a fact says of this release; nothing when it says nothing. */
export function statements(name: string, fact: Fact, sources: GoSources): Statement[] {
  return "struct" in fact ? ofStruct(name, fact, sources) : ofValue(name, fact, sources);
}

function ofStruct(name: string, fact: StructFact, sources: GoSources): Statement[] {
  const { minor } = sources.toolchain;
  const source = sourceOf(fact);
  const expected = valueAt(fact.struct, minor) !== undefined;
  const struct = sources.struct(nameAt(fact.struct, minor));
  const existence = {
    name,
    written: expected ? present : absent,
    found: struct ? present : absent,
    source,
    place: struct,
  };
  if (!expected || !struct) return [existence];
  const size = fact.size && valueAt(fact.size, minor);
  const sizes = size === undefined ? [] : [{ written: `${size} bytes`, found: `${struct.size} bytes` }];
  return [
    existence,
    ...sizes.map((size) => ({ name: `${name} (size)`, ...size, source, place: struct })),
    ...Object.entries(fact.fields).map(([key, field]) => {
      const found = struct.fields[field.name === undefined ? key : nameAt(field.name, minor)];
      return {
        name: `${name}.${key}`,
        written: describe(writtenLayout(field, minor)),
        found: describe(found && (field.at === undefined ? { size: found.size } : found)),
        source: sourceOf({ ...fact, ...field }),
        place: found,
      };
    }),
  ];
}

type Layout = Pick<FieldLayout, "size"> & Partial<Pick<FieldLayout, "offset">>;

/** Undefined for a field that the fact says isn't there. */
function writtenLayout({ at, bytes }: FieldFact, minor: number): Layout | undefined {
  const size = valueAt(bytes, minor);
  const offset = at === undefined ? undefined : valueAt(at, minor);
  if (size === undefined || (at !== undefined && offset === undefined)) return undefined;
  return offset === undefined ? { size } : { size, offset };
}

function describe(layout: Layout | undefined): string {
  if (!layout) return absent;
  const { offset, size } = layout;
  return offset === undefined ? `${size} bytes` : `${size} bytes at ${offset}`;
}

function ofValue(name: string, fact: ValueFact, sources: GoSources): Statement[] {
  const { minor } = sources.toolchain;
  const says = valueAt(fact.says, minor);
  if (says === undefined || (fact.arch ?? sources.goarch) !== sources.goarch) return [];
  const answer = typeof says === "string" ? sources.constant(says) : findText(says, sources);
  const value = valueAt(fact.value, minor);
  return [
    {
      name,
      written: value === undefined ? absent : String(value),
      found: answer === undefined ? absent : plain(answer.value, value),
      source: sourceOf(fact),
      place: answer,
    },
  ];
}

function findText(
  { file, pattern }: SourceText,
  sources: GoSources,
): (Place & { value: string }) | undefined {
  const text = sources.text(file);
  const match = text === undefined ? null : new RegExp(pattern, "d").exec(text);
  const [start, end] = match?.indices?.[1] ?? [];
  if (text === undefined || start === undefined) return undefined;
  return { file, line: text.slice(0, start).split("\n").length, value: text.slice(start, end) };
}

/** A number in decimal; of a Go string's text, what it stands for. */
function plain(text: string, like: number | string | undefined): string {
  if (typeof like === "number") return String(Number(text));
  return text.replaceAll(/\\x([0-9a-f]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
}

export function sourceOf({ file, line, release = pinnedRelease }: Source): Required<Source> {
  return { file, line, release };
}
