/** What a span has together with what was added to it while it was open. */
import type { HrTime } from "@opentelemetry/api";
import { Addition } from "../generated/shared.ts";
import type { Library, LibrarySpan, RecordBytes, SpanFacts } from "../libraries/descriptor.ts";
import type { SpanEvent } from "../libraries/span-parts.ts";
import type { Added } from "./additions.ts";
import type { Clock } from "./clock.ts";

export interface AddedOptions {
  /** A record's library is an index into these. */
  readonly libraries: readonly { readonly library: Library }[];
  readonly clock: Clock;
  readonly facts: SpanFacts;
}

const head = new Addition();

/** Events in the order of their times. What the program says of an attribute beats what the library has read. */
export function withAdded(own: LibrarySpan, added: Added, options: AddedOptions): LibrarySpan {
  const { records, droppedEvents, droppedAttributes } = added;
  if (records.length + droppedEvents + droppedAttributes === 0) return own;
  const parts = records.map((record) => partsOf(record, options));
  const events = parts.flatMap((part) => part.events);
  return {
    ...own,
    attributes: Object.assign({}, own.attributes, ...parts.map(({ attributes }) => attributes)),
    droppedAttributes: (own.droppedAttributes ?? 0) + droppedAttributes,
    events: [...(own.events ?? []), ...events].toSorted(byTime),
    droppedEvents: (own.droppedEvents ?? 0) + droppedEvents,
  };
}

function partsOf(record: RecordBytes, { libraries, clock, facts }: AddedOptions) {
  const { recordLibrary, atNs } = head.load(record);
  const toAddition = libraries[recordLibrary]?.library.toAddition;
  if (toAddition === undefined)
    throw new RangeError(`an addition of library ${recordLibrary}, which makes none`);
  const { events = [], attributes = {} } = toAddition(record, facts);
  const now = clock.toHrTime(atNs);
  const timed = events.map(
    (event): SpanEvent => ({ droppedAttributes: 0, ...event, time: event.time ?? now }),
  );
  return { events: timed, attributes };
}

function byTime({ time: one }: { time: HrTime }, { time: other }: { time: HrTime }): number {
  return one[0] - other[0] || one[1] - other[1];
}
