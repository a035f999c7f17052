/** The functions of a program that a rule may name, for one who is about to write it. */
import type { DebugParameter, GoBinary } from "../../binary/types.ts";
import { functionsOf, isPattern, isUntouchable, nearestNames, patternOf, plainName } from "./match.ts";

export interface Candidate {
  readonly name: string;
  /** In the file; undefined: it is inlined wherever it is called, and no rule can have it. */
  readonly address: number | undefined;
  /** Bytes of its code. */
  readonly size: number;
  /** Undefined where no DWARF tells them. */
  readonly parameters: readonly NamedType[] | undefined;
  readonly results: readonly NamedType[] | undefined;
}

export interface NamedType {
  readonly name: string;
  readonly type: string;
}

export interface Candidates {
  readonly functions: readonly Candidate[];
  /** How many more there are than are listed. */
  readonly more: number;
  /** When there are none. */
  readonly near: readonly string[];
}

const most = 1000;

export function candidates(binary: GoBinary, text: string): Candidates {
  const found = functionsOf(binary, text).filter((fn) => !isUntouchable(fn));
  const whole = found.slice(0, most).map((fn): Candidate => {
    const signature = binary.debug?.signature(fn);
    return {
      name: plainName(fn.name),
      address: fn.address,
      size: fn.end - fn.address,
      parameters: signature?.parameters.map(named),
      results: signature?.results.map(named),
    };
  });
  const inlined = inlinedNames(binary, text);
  const functions = [...whole, ...inlined.slice(0, most - whole.length).map(inlinedCandidate)];
  const more = found.length + inlined.length - functions.length;
  return { functions, more, near: functions.length === 0 ? nearestNames(binary, text) : [] };
}

function named({ name, type }: DebugParameter): NamedType {
  return { name: name.startsWith("~") ? "" : name, type: type.name };
}

function inlinedCandidate(name: string): Candidate {
  return { name, address: undefined, size: 0, parameters: undefined, results: undefined };
}

/** Names that stand in the table of names, of functions that are nowhere. */
function inlinedNames(binary: GoBinary, text: string): readonly string[] {
  const pattern = patternOf(text);
  const there = new Set<string>();
  for (const { name } of binary.functions.all()) if (fits(pattern, name)) there.add(name);
  const names = new Set<string>();
  for (const name of binary.functions.allNames())
    if (fits(pattern, name) && !there.has(name)) names.add(name);
  // Where a name is no pattern it must be the whole of one.
  return [...names]
    .map(plainName)
    .filter((name) => isPattern(text) || name === plainName(text))
    .sort();
}

function fits(pattern: RegExp, name: string): boolean {
  return pattern.test(plainName(name));
}
