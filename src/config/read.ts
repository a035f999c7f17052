import { badValue } from "../report/config.ts";
import { type FileSettings, type FileText, placeIn } from "./file-settings.ts";
import type { Setting } from "./setting.ts";
import { type Said, settings } from "./settings.ts";
import { InvalidValue, type Parser } from "./values.ts";

/** Texts of the flags that were given, by the flag's name ("--pid" → "12,34"). */
export type Flags = Readonly<Record<string, string | undefined>>;
export type Environment = Readonly<Record<string, string | undefined>>;

/** Everywhere that settings may be said. */
export interface Sources {
  readonly flags: Flags;
  readonly environment: Environment;
  readonly file?: FileSettings | undefined;
}

/** What was said of a setting, and by which flag, variable or place in the file. */
export interface Found extends FileText {
  readonly source: string;
  readonly from: "flag" | "variable" | "file";
  /** What a list or map consists of. */
  readonly parts?: readonly FileText[];
}

/**
 * Every setting's value from its flag, its first variable that is not empty, or its first key in the file.
 * @throws UserError (usage) for the first value that is not valid
 */
export function readSettings(sources: Sources): Said {
  return readSome(Object.keys(settings) as (keyof Said)[], sources);
}

/** The same of these settings alone; what the others say is not looked at. */
export function readSome<Name extends keyof Said>(
  names: readonly Name[],
  sources: Sources,
): Pick<Said, Name> {
  const entries = names.map((name) => [name, read<unknown>(settings[name], sources)]);
  return Object.fromEntries(entries) as Pick<Said, Name>;
}

/** One setting's value. Throws as `readSettings`. */
export function read<T>(setting: Setting<T>, sources: Sources): T | undefined {
  const found = find(setting, sources);
  if (found === undefined) return undefined;
  const invalid = invalidity(setting.parse, found);
  if (invalid === undefined) return setting.parse(found.text.trim());
  const guilty = found.parts?.find((part) => invalidity(setting.parse, part)) ?? found;
  const source = found.from === "file" ? placeIn(sources.file, guilty, found.source) : found.source;
  throw badValue(source, guilty.shown, invalid.valid, setting.secret);
}

/** An empty variable counts as unset, an empty flag as a mistake. */
export function find(setting: Setting, { flags, environment, file }: Sources): Found | undefined {
  const beatenBy = setting.beatenBy ?? [];
  if (beatenBy.some((flag) => flags[flag] !== undefined)) return undefined;
  const flag = setting.flag && flags[setting.flag];
  if (setting.flag !== undefined && flag !== undefined) return said("flag", setting.flag, flag);
  for (const source of setting.variables) {
    const value = environment[source];
    if (!isEmpty(value)) return said("variable", source, value);
  }
  if (beatenBy.some((name) => !isEmpty(environment[name]))) return undefined;
  for (const key of setting.keys) {
    const entry = file?.entries.get(key);
    if (entry) return { from: "file", source: key, ...entry };
  }
  return undefined;
}

function said(from: "flag" | "variable", source: string, text: string): Found {
  return { from, source, text, shown: text, line: 0, column: 0 };
}

function isEmpty(value: string | undefined): value is undefined {
  return value === undefined || value.trim() === "";
}

function invalidity(parse: Parser<unknown>, { text }: FileText): InvalidValue | undefined {
  try {
    if (text.trim() === "") throw new InvalidValue("a value that is not empty");
    parse(text.trim());
    return undefined;
  } catch (error) {
    if (error instanceof InvalidValue) return error;
    throw error;
  }
}
