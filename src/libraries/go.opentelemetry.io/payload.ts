/**
 * What a program's own span is told as: OTLP's JSON of one span, by go.opentelemetry.io/auto/sdk/internal/telemetry and
 * its copy in otel/trace. The kernel keeps the first 60 KiB and the last 4 of one that is longer than 64: made_span.h.
 */
import type { InstrumentationScope } from "@opentelemetry/core";
import { MadeSpanRecord } from "../../generated/shared.ts";
import type { RecordBytes } from "../descriptor.ts";
import { at, isObject, type JsonObject, parseJson } from "./json.ts";
import { scopeAround, scopeIn } from "./scope.ts";

export interface Payload {
  readonly scope: InstrumentationScope;
  readonly span: JsonObject;
  /** Digits: nanoseconds since the epoch. */
  readonly start: string | undefined;
  readonly end: string | undefined;
}

const header = new MadeSpanRecord();

/** Bytes, as in made_span.h. */
const endLength = 4096;

/**
 * Undefined when there is none: the program could not encode its span, as it can't a number that isn't one.
 * @throws RangeError for what no program of Go has written
 */
export function readPayload({ buffer, start, end }: RecordBytes): Payload | undefined {
  const { length, kept } = header.load({ buffer, start, end });
  const first = start + MadeSpanRecord.size;
  const last = first + kept;
  if (last > end || kept > length) throw new RangeError(`a payload of ${kept} bytes in a shorter record`);
  if (length === 0) return undefined;
  if (length === kept) return whole(buffer.toString("utf8", first, last));
  const begun = closed(buffer.toString("utf8", first, last - endLength));
  return cut(begun, buffer.toString("utf8", last - endLength, last));
}

/** Before a span's own values, and before its times: what stands around them is the same in all spans of a tracer. */
const marks = { span: '"spans":[{', times: ',"startTimeUnixNano":' } as const;
const behind = /^,"startTimeUnixNano":(\d+),"endTimeUnixNano":(\d+)\}\]/;

/**
 * Objects are made of the span's own values alone, which take a third of the time of all. Marks stand in no string:
 * their quotes would be escaped.
 */
function whole(text: string): Payload {
  const first = text.indexOf(marks.span) + marks.span.length - 1;
  const times = text.lastIndexOf(marks.times);
  const rest = times > first ? text.slice(times) : "";
  const [matched, start, end] = behind.exec(rest) ?? [];
  if (matched === undefined) return untimed(text);
  const span = parseJson(exact(`${text.slice(first, times)}}`)) as JsonObject;
  return { scope: scopeAround(text, first, rest.slice(matched.length)), span, start, end };
}

/** With times that Go leaves out, as they are none. */
function untimed(text: string): Payload {
  const span = spanIn(text);
  const [start, end] = [span.startTimeUnixNano, span.endTimeUnixNano].map((time) =>
    typeof time === "string" ? time : undefined,
  );
  return { scope: scopeIn(text), span, start, end };
}

function spanIn(text: string): JsonObject {
  const [scopeSpans] = at(at(parseJson(exact(text)), "resourceSpans", 0), "scopeSpans");
  const span = at(scopeSpans, "spans", 0);
  if (!isObject(span)) throw new RangeError("a payload without a span");
  return span;
}

/** Times are numbers that JSON.parse would round to 256 ns. */
function exact(text: string): string {
  if (!text.includes('imeUnixNano":')) return text;
  return text.replaceAll(/"((?:start|end)?[tT]imeUnixNano)":(\d+)/g, '"$1":"$2"');
}

/** The text up to where its last whole value ends, with all that is open there closed. */
function closed(text: string): string {
  const open: string[] = [];
  let [end, closers, isString] = [0, "", false];
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (isString && character === "\\") i++;
    else if (character === '"') isString = !isString;
    if (isString || character === undefined) continue;
    if (character === "{") open.push("}");
    else if (character === "[") open.push("]");
    else if (character === "}" || character === "]") open.pop();
    if (!"}],".includes(character)) continue;
    end = character === "," ? i : i + 1;
    closers = open.toReversed().join("");
  }
  return text.slice(0, end) + closers;
}

/** What stands behind a span's lists: its status, its times, and what its scope is an instance of. */
const tail =
  /(?:,"status":(\{(?:"message":"(?:[^"\\]|\\.)*",?)?(?:"code":\d)?\}))?(?:,"startTimeUnixNano":(\d+))?(?:,"endTimeUnixNano":(\d+))?\}\](?:,"schemaUrl":("(?:[^"\\]|\\.)*"))?\}\]\}\]\}$/;

function cut(begun: string, end: string): Payload {
  const [, status, startTime, endTime, url] = tail.exec(end) ?? [];
  const span = { ...spanIn(begun), ...(status !== undefined && { status: parseJson(status) }) };
  return { scope: scopeIn(begun, url), span, start: startTime, end: endTime };
}
