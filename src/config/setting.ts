import type { Parser } from "./values.ts";

/**
 * One thing that the user can say: by its flag, else by its first variable that is there, else in the config file by
 * the first of its keys.
 */
export interface Setting<T = unknown> {
  readonly flag?: string;
  readonly variables: readonly string[];
  /** Where it stands in the config file, "otlp.endpoint"; those of the file's own place have none. */
  readonly keys: readonly string[];
  /** How it is written there: one value, a list of them, or names with their values. All can be one text, too. */
  readonly shape?: Shape;
  readonly parse: Parser<T>;
  /** Flags that make this one void, and variables that make void what the file says of it. */
  readonly beatenBy?: readonly string[];
  /** The value must not be shown in an error. */
  readonly secret?: boolean;
  /** What the file says of it takes effect while the agent runs. */
  readonly live?: boolean;
}

/** "rules": a list of paths with what becomes of their requests. "functions": rules of ./rules, in the file alone. */
export type Shape = "value" | "list" | "map" | "rules" | "functions";

/** What most settings have: a variable and a key. */
export function setting<T>(
  variable: string,
  key: string,
  parse: Parser<T>,
  more: Partial<Setting<T>> = {},
): Setting<T> {
  return { variables: [variable], keys: [key], parse, ...more };
}

/** What can be said of one signal's export alone, and of all exports: the former comes first. */
export function otlp<T>(
  signal: "TRACES" | "METRICS",
  name: string,
  parse: Parser<T>,
  more: Partial<Setting<T>> = {},
): Setting<T> {
  const key = name.toLowerCase();
  return {
    variables: [`OTEL_EXPORTER_OTLP_${signal}_${name}`, `OTEL_EXPORTER_OTLP_${name}`],
    keys: [`otlp.${signal.toLowerCase()}.${key}`, `otlp.${key}`],
    parse,
    ...more,
  };
}

/** What can be said of one signal's export alone, beside what is said of all. */
export function ownOtlp<T>(
  signal: "TRACES" | "METRICS",
  name: string,
  parse: Parser<T>,
  more: Partial<Setting<T>> = {},
): Setting<T> {
  return setting(
    `OTEL_EXPORTER_OTLP_${signal}_${name}`,
    `otlp.${signal.toLowerCase()}.${name.toLowerCase()}`,
    parse,
    { beatenBy: [`OTEL_EXPORTER_OTLP_${name}`], ...more },
  );
}
