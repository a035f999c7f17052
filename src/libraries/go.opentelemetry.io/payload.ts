/**
 * What a program's own span is told as: OTLP's JSON of one span, by go.opentelemetry.io/auto/sdk/internal/telemetry and
 * its copy in otel/trace. The kernel keeps the first 60 KiB and the last 4 of one that is longer than 64: made_span.h.
 */
import { MadeSpanRecord } from "../../generated/shared.ts";
import type { RecordBytes } from "../descriptor.ts";
import { at, isObject, type JsonObject, parseJson } from "./json.ts";

export interface Payload {
  readonly scope: JsonObject;
  readonly schemaUrl: unknown;
  readonly span: JsonObject;
}

/** Bytes, as in made_span.h. */
const endLength = 4096;

/**
 * Undefined when there is none: the program could not encode its span, as it can't a number that isn't one.
 * @throws RangeError for what no program of Go has written
 */
export function readPayload({ buffer, start, end }: RecordBytes): Payload | undefined {
  const { length, kept } = new MadeSpanRecord().load({ buffer, start, end });
  const first = start + MadeSpanRecord.size;
  const last = first + kept;
  if (last > end || kept > length) throw new RangeError(`a payload of ${kept} bytes in a shorter record`);
  if (length === 0) return undefined;
  if (length === kept) return parsed(buffer.toString("utf8", first, last));
  const begun = parsed(closed(buffer.toString("utf8", first, last - endLength)));
  return withEnd(begun, buffer.toString("utf8", last - endLength, last));
}

function parsed(text: string): Payload {
  const traces = parseJson(exact(text));
  const [scopeSpans] = at(at(traces, "resourceSpans", 0), "scopeSpans");
  const span = at(scopeSpans, "spans", 0);
  if (!isObject(scopeSpans) || !isObject(span)) throw new RangeError("a payload without a span");
  return { scope: isObject(scopeSpans.scope) ? scopeSpans.scope : {}, schemaUrl: scopeSpans.schemaUrl, span };
}

/** Times are numbers that JSON.parse would round to 256 ns. Such a key stands in no string: its quotes would be escaped. */
function exact(text: string): string {
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

function withEnd({ scope, span, schemaUrl }: Payload, text: string): Payload {
  const [, status, start, end, url] = tail.exec(text) ?? [];
  return {
    scope,
    schemaUrl: url === undefined ? schemaUrl : parseJson(url),
    span: {
      ...span,
      ...(status !== undefined && { status: parseJson(status) }),
      startTimeUnixNano: start,
      endTimeUnixNano: end,
    },
  };
}
