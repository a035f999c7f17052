/** What was added to a span while it was open: how a record of it is read, and how it joins the span's own. */
import { Addition } from "../generated/shared.ts";
import type { Library, LibrarySpan, RecordBytes, SpanFacts } from "../libraries/descriptor.ts";
import type { EventsAndLinks, SpanEvent } from "../libraries/span-parts.ts";
import type { Added, AddedPart } from "./additions.ts";
import type { Clock } from "./clock.ts";

export interface AddedOptions {
  /** A record's library is an index into these. */
  readonly libraries: readonly { readonly library: Library }[];
  readonly clock: Clock;
  readonly facts: SpanFacts;
}

/** All its events have a time. */
export type TimedSpan = Omit<LibrarySpan, "events"> & EventsAndLinks;

const head = new Addition();

/** Reads records of additions. @throws RangeError for those of a library that makes none */
export function additionReader({
  libraries,
  clock,
  facts,
}: AddedOptions): (record: RecordBytes) => AddedPart {
  return (record) => {
    const { recordLibrary, atNs } = head.load(record);
    const toAddition = libraries[recordLibrary]?.library.toAddition;
    if (toAddition === undefined)
      throw new RangeError(`an addition of library ${recordLibrary}, which makes none`);
    const { events = [], attributes, name, status } = toAddition(record, facts);
    const now = clock.toHrTime(atNs);
    const timed = ({ name, attributes: own, time = now, droppedAttributes = 0 }: Partial<SpanEvent>) =>
      ({ name, time, attributes: own, droppedAttributes }) as SpanEvent;
    return { events: events.map(timed), attributes, name, status };
  };
}

/** Events in the order of their times. What the program says of an attribute beats what the library has read. */
export function withAdded(own: TimedSpan, added: Added | undefined): TimedSpan {
  if (added === undefined) return own;
  const { parts, droppedEvents, droppedAttributes } = added;
  const attributes = parts.map((part) => part.attributes).filter((some) => some !== undefined);
  const name = parts.findLast((part) => part.name !== undefined)?.name;
  const status = parts.findLast((part) => part.status !== undefined)?.status;
  return {
    ...own,
    ...(name !== undefined && { name }),
    ...(status !== undefined && { status }),
    attributes: attributes.length > 0 ? Object.assign({}, own.attributes, ...attributes) : own.attributes,
    droppedAttributes: (own.droppedAttributes ?? 0) + droppedAttributes,
    events: inOrder([...(own.events ?? []), ...parts.flatMap(({ events }) => events)]),
    droppedEvents: (own.droppedEvents ?? 0) + droppedEvents,
  };
}

/** They mostly are. */
function inOrder(events: SpanEvent[]): readonly SpanEvent[] {
  const isBehind = (event: SpanEvent, index: number) => index === 0 || order(events[index - 1], event) <= 0;
  return events.every(isBehind) ? events : events.sort(order);
}

function order(one: SpanEvent | undefined, other: SpanEvent): number {
  return one === undefined ? 0 : one.time[0] - other.time[0] || one.time[1] - other.time[1];
}
