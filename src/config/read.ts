import { badValue } from "../report/config.ts";
import { type Said, type Setting, settings } from "./settings.ts";
import { InvalidValue } from "./values.ts";

/** Texts of the flags that were given, by the flag's name ("--pid" → "12,34"). */
export type Flags = Readonly<Record<string, string | undefined>>;
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Every setting's value from its flag or its first variable that is not empty.
 * @throws UserError (usage) for the first value that is not valid
 */
export function readSettings(flags: Flags, environment: Environment): Said {
  return readSome(Object.keys(settings) as (keyof Said)[], flags, environment);
}

/** The same of these settings alone; what the others say is not looked at. */
export function readSome<Name extends keyof Said>(
  names: readonly Name[],
  flags: Flags,
  environment: Environment,
): Pick<Said, Name> {
  const entries = names.map((name) => [name, read(settings[name], flags, environment)]);
  return Object.fromEntries(entries) as Pick<Said, Name>;
}

function read(setting: Setting, flags: Flags, environment: Environment): unknown {
  const found = find(setting, flags, environment);
  if (found === undefined) return undefined;
  try {
    if (found.value.trim() === "") throw new InvalidValue("a value that is not empty");
    return setting.parse(found.value.trim());
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    throw badValue(found.source, found.value, error.valid, setting.secret);
  }
}

/** An empty variable counts as unset, an empty flag as a mistake. */
function find(
  setting: Setting,
  flags: Flags,
  environment: Environment,
): { source: string; value: string } | undefined {
  if (setting.beatenBy !== undefined && flags[setting.beatenBy] !== undefined) return undefined;
  const flag = setting.flag && flags[setting.flag];
  if (setting.flag !== undefined && flag !== undefined) return { source: setting.flag, value: flag };
  for (const source of setting.variables) {
    const value = environment[source];
    if (value !== undefined && value.trim() !== "") return { source, value };
  }
  return undefined;
}
