export const ruleSpanKinds = ["internal", "server", "client", "producer", "consumer"] as const;

/** A function, or all that a pattern fits, whose calls become spans. */
export interface Rule {
  /** "main.(*OrderService).Place"; a "*" that does not stand behind "(" fits any characters, "[...]" any type arguments. */
  readonly function: string;
  /** Name or absolute path of the executable that it is for; undefined: each that is traced. */
  readonly process: string | undefined;
  readonly span: {
    /** May hold names of attributes in braces; undefined: the function's own name. */
    readonly name: string | undefined;
    readonly kind: (typeof ruleSpanKinds)[number];
  };
  readonly attributes: readonly RuleAttribute[];
  /** Their types, for programs that don't tell them: without the receiver, from the first on. */
  readonly arguments: readonly string[] | undefined;
  readonly results: readonly string[] | undefined;
  /** What the errors say that the function returns becomes the description of the span's status. */
  readonly errorMessage: boolean;
  /** Share of the calls that become spans, from 0 to 1. */
  readonly ratio: number;
  /** Spans in a second; undefined: any number. */
  readonly limit: number | undefined;
  /** In the config file, from 1. */
  readonly line: number;
}

export interface RuleAttribute {
  readonly name: string;
  readonly of: "argument" | "result";
  /** From 1, or its name in the source; "receiver" is what a method is called on. */
  readonly which: number | string;
  readonly path: ValuePath;
  /** Of the value that the path leads to. */
  readonly type: string | undefined;
}

/** From an argument or a result to what is wanted of it. */
export interface ValuePath {
  /** Names of fields. */
  readonly fields: readonly string[];
  /** Its length is wanted. */
  readonly length: boolean;
}

/** Whether they say the same, wherever in the file they stand. */
export function sameRules(some: readonly Rule[], others: readonly Rule[]): boolean {
  const said = (rules: readonly Rule[]) => JSON.stringify(rules.map((rule) => ({ ...rule, line: 0 })));
  return said(some) === said(others);
}

/** Whether the rule is for the executable of this path, as its process sees it. */
export function isFor({ process }: Rule, path: string): boolean {
  if (process === undefined) return true;
  return process.startsWith("/") ? process === path : process === path.slice(path.lastIndexOf("/") + 1);
}

/** Rules of one file. */
export const maxRules = 64;

/** Of one rule: MAX_VALUES of ebpf/libraries/rules/rules.h. */
export const maxRuleAttributes = 8;

/** For the table of settings: what src/config/rules/read.ts has read, as text. */
export function parseRules(text: string): readonly Rule[] {
  return JSON.parse(text) as readonly Rule[];
}
