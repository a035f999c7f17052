/** Limits of a span's attributes: https://opentelemetry.io/docs/specs/otel/common/#attribute-limits */
import type { Attributes, AttributeValue } from "@opentelemetry/api";

export interface AttributeLimits {
  readonly count: number;
  /** Characters of a text, and of each text of a list; undefined: as long as it is. */
  readonly valueLength: number | undefined;
}

export interface LimitedAttributes {
  readonly attributes: Attributes;
  /** How many were left out: those that came last. */
  readonly droppedAttributes: number;
}

export function limited(all: Attributes, { count, valueLength }: AttributeLimits): LimitedAttributes {
  const entries = Object.entries(all).filter(([, value]) => value !== undefined);
  const droppedAttributes = Math.max(0, entries.length - count);
  if (droppedAttributes === 0 && valueLength === undefined) return { attributes: all, droppedAttributes };
  const kept = entries
    .slice(0, count)
    .map(([name, value]) => [name, valueLength === undefined ? value : shortened(value, valueLength)]);
  return { attributes: Object.fromEntries(kept), droppedAttributes };
}

function shortened(value: AttributeValue | undefined, length: number): AttributeValue | undefined {
  if (typeof value === "string") return cut(value, length);
  if (!Array.isArray(value)) return value;
  return value.map((each) => (typeof each === "string" ? cut(each, length) : each)) as AttributeValue;
}

/** Half of a surrogate pair is no text. */
function cut(text: string, length: number): string {
  const first = text.slice(0, length);
  return text.length > length && /[\ud800-\udbff]$/.test(first) ? first.slice(0, -1) : first;
}
