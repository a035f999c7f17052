/** Limits of a span's attributes: https://opentelemetry.io/docs/specs/otel/common/#attribute-limits */
import type { EventsAndLinks, SpanAttributes, SpanValue } from "../libraries/span-parts.ts";

export interface AttributeLimits {
  readonly count: number;
  /** Characters of a text, and of each text of a list; undefined: as long as it is. */
  readonly valueLength: number | undefined;
}

export interface LimitedAttributes {
  readonly attributes: SpanAttributes;
  /** How many were left out: those that came last, and those that never came here. */
  readonly droppedAttributes: number;
}

export function limited(
  all: SpanAttributes,
  { count, valueLength }: AttributeLimits,
  droppedBefore = 0,
): LimitedAttributes {
  const dropped = Math.max(0, countOf(all) - count);
  const droppedAttributes = dropped + droppedBefore;
  if (dropped === 0 && valueLength === undefined) return { attributes: all, droppedAttributes };
  const kept = Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .slice(0, count)
    .map(([name, value]) => [name, valueLength === undefined ? value : shortened(value, valueLength)]);
  return { attributes: Object.fromEntries(kept), droppedAttributes };
}

function countOf(all: SpanAttributes): number {
  let count = 0;
  for (const name in all) if (all[name] !== undefined) count++;
  return count;
}

const noParts: EventsAndLinks = {};

/** The same for the attributes of each event and link. */
export function limitedParts(own: EventsAndLinks, limits: AttributeLimits): EventsAndLinks {
  const { events, droppedEvents, links, droppedLinks } = own;
  // Nearly all spans.
  if (!events && !droppedEvents && !links && !droppedLinks) return noParts;
  const within = <Part extends LimitedAttributes>(part: Part) => ({
    ...part,
    ...limited(part.attributes, limits, part.droppedAttributes),
  });
  return { events: events?.map(within), droppedEvents, links: links?.map(within), droppedLinks };
}

function shortened(value: SpanValue | undefined, length: number): SpanValue | undefined {
  if (typeof value === "string") return cut(value, length);
  if (!Array.isArray(value)) return value;
  return value.map((each) => (typeof each === "string" ? cut(each, length) : each));
}

/** Half of a surrogate pair is no text. */
function cut(text: string, length: number): string {
  const first = text.slice(0, length);
  return text.length > length && /[\ud800-\udbff]$/.test(first) ? first.slice(0, -1) : first;
}
