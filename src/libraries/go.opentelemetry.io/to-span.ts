/** A span that the application has made, as it says: all but its ids, which are ours. */
import { type HrTime, SpanKind, type SpanStatus, SpanStatusCode } from "@opentelemetry/api";
import type { InstrumentationScope } from "@opentelemetry/core";
import type { LibrarySpan, RecordBytes } from "../descriptor.ts";
import type { SpanEvent, SpanLink } from "../span-parts.ts";
import { at, countOf, isObject, type JsonObject, textOf } from "./json.ts";
import { type Payload, readPayload } from "./payload.ts";
import { attributesOf, linkedIds } from "./values.ts";

/** It has ended, and the program could not say more. */
const unencoded: LibrarySpan = {
  name: "unknown",
  kind: SpanKind.INTERNAL,
  attributes: {},
  status: { code: SpanStatusCode.UNSET },
  traceState: undefined,
};

/** @throws RangeError for what no program has written */
export function toSpan(record: RecordBytes): LibrarySpan {
  const payload = readPayload(record);
  if (payload === undefined) return unencoded;
  const { span } = payload;
  const links = at(span, "links").map(linkOf);
  return {
    name: textOf(span.name),
    kind: kindOf(span.kind),
    attributes: attributesOf(at(span, "attributes")),
    droppedAttributes: countOf(span.droppedAttributesCount),
    events: at(span, "events").filter(isObject).map(eventOf),
    droppedEvents: countOf(span.droppedEventsCount),
    links: links.filter((link) => link !== undefined),
    droppedLinks: countOf(span.droppedLinksCount) + links.filter((link) => link === undefined).length,
    status: statusOf(span.status),
    traceState: undefined,
    scope: scopeOf(payload),
    startTime: timeOf(span.startTimeUnixNano),
    endTime: timeOf(span.endTimeUnixNano),
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

const second = 1_000_000_000n;

/** Nanoseconds since the epoch, up to the year 2554; undefined when there is none. */
function timeOf(nanoseconds: unknown): HrTime | undefined {
  const text = textOf(nanoseconds);
  if (!/^[1-9]\d{0,19}$/.test(text)) return undefined;
  const time = BigInt.asUintN(64, BigInt(text));
  return [Number(time / second), Number(time % second)];
}

/** Tracers of a program; more are written with objects of their own, which costs the exporter bytes. */
const maxScopes = 256;
const scopes = new Map<string, InstrumentationScope>();

/** One object for each tracer: exporters group by identity. */
function scopeOf({ scope, schemaUrl }: Payload): InstrumentationScope {
  const [name, version, url] = [textOf(scope.name), textOf(scope.version), textOf(schemaUrl)];
  const key = JSON.stringify([name, version, url]);
  const known = scopes.get(key);
  if (known) return known;
  if (scopes.size >= maxScopes) scopes.clear();
  const made = { name, ...(version && { version }), ...(url && { schemaUrl: url }) };
  scopes.set(key, made);
  return made;
}
