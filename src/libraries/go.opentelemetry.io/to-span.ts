/** A span that the application has made, as it says: all but its ids, which are ours. */
import { type HrTime, SpanKind, type SpanStatus, SpanStatusCode } from "@opentelemetry/api";
import type { LibrarySpan, RecordBytes } from "../descriptor.ts";
import type { EventsAndLinks, SpanEvent, SpanLink } from "../span-parts.ts";
import { at, countOf, isObject, type JsonObject, textOf } from "./json.ts";
import { readPayload } from "./payload.ts";
import { isOfMiddleware } from "./scope.ts";
import { attributesOf, linkedIds } from "./values.ts";

/** It has ended, and the program could not say more. */
const unencoded: LibrarySpan & Pick<EventsAndLinks, "events"> = {
  name: "unknown",
  kind: SpanKind.INTERNAL,
  attributes: {},
  status: { code: SpanStatusCode.UNSET },
  traceState: undefined,
};

/** @throws RangeError for what no program has written */
export function toSpan(record: RecordBytes): LibrarySpan & Pick<EventsAndLinks, "events"> {
  const payload = readPayload(record);
  if (payload === undefined) return unencoded;
  const { span, scope, start, end } = payload;
  const events = at(span, "events").filter(isObject).map(eventOf);
  const linked = at(span, "links").map(linkOf);
  const links = linked.filter((link) => link !== undefined);
  return {
    name: textOf(span.name),
    kind: kindOf(span.kind),
    attributes: attributesOf(at(span, "attributes")),
    droppedAttributes: countOf(span.droppedAttributesCount),
    ...(events.length > 0 && { events }),
    droppedEvents: countOf(span.droppedEventsCount),
    ...(links.length > 0 && { links }),
    droppedLinks: countOf(span.droppedLinksCount) + linked.length - links.length,
    status: statusOf(span.status),
    traceState: undefined,
    scope,
    ofMiddleware: isOfMiddleware(scope),
    startTime: timeOf(start),
    endTime: timeOf(end),
  };
}

/** Kind 0 is "unspecified" in OTLP, "internal" in the API. */
function kindOf(kind: unknown): SpanKind {
  const number = countOf(kind) - 1;
  return number in SpanKind ? number : SpanKind.INTERNAL;
}

function statusOf(status: unknown): SpanStatus {
  if (!isObject(status)) return { code: SpanStatusCode.UNSET };
  const code = countOf(status.code);
  const message = textOf(status.message);
  return { code: code in SpanStatusCode ? code : SpanStatusCode.UNSET, ...(message && { message }) };
}

function eventOf(event: JsonObject): SpanEvent {
  return {
    name: textOf(event.name),
    time: timeOf(event.timeUnixNano) ?? [0, 0],
    attributes: attributesOf(at(event, "attributes")),
    droppedAttributes: countOf(event.droppedAttributesCount),
  };
}

function linkOf(link: unknown): SpanLink | undefined {
  const ids = isObject(link) ? linkedIds(link) : undefined;
  if (ids === undefined || !isObject(link)) return undefined;
  return {
    ...ids,
    traceState: textOf(link.traceState) || undefined,
    traceFlags: countOf(link.flags) & 0xff,
    attributes: attributesOf(at(link, "attributes")),
    droppedAttributes: countOf(link.droppedAttributesCount),
  };
}

const maxTime = String(2n ** 64n - 1n);

/** Digits of nanoseconds that are less than a second. */
const fraction = 9;

/** Nanoseconds since the epoch, up to the year 2554; undefined when there is none. */
function timeOf(nanoseconds: unknown): HrTime | undefined {
  const text = textOf(nanoseconds);
  if (!/^[1-9]\d{0,19}$/.test(text) || (text.length === 20 && text > maxTime)) return undefined;
  return [Number(text.slice(0, -fraction)), Number(text.slice(-fraction))];
}
