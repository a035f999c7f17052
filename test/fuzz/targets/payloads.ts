// Spans that a program makes itself, as it tells them: JSON, up to what goes over the wire and onto the terminal.
import { MadeSpanRecord } from "../../../src/generated/shared.ts";
import { toSpan } from "../../../src/libraries/go.opentelemetry.io/to-span.ts";
import { limited, limitedParts } from "../../../src/spans/limits.ts";
import { record as typical } from "../../export/support/records.ts";
import { sendOut } from "../support/send-out.ts";
import { bufferSubject, type Subject, type Target } from "../support/target.ts";

/** What a session counts as malformed and leaves out. */
class Malformed extends Error {}

const around = {
  before: '{"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{"name":"s","version":"1"},"spans":[{',
  behind: '}],"schemaUrl":"u"}]}]}',
};
const values =
  '{"key":"t","value":{"stringValue":"\\"\u00e9"}},{"key":"b","value":{"boolValue":true}},{"key":"y","value":{"bytesValue":"AP8="}},' +
  '{"key":"l","value":{"arrayValue":{"values":[{"intValue":"1"},{"doubleValue":2}]}}},' +
  '{"key":"m","value":{"kvlistValue":{"values":[{"key":"k","value":{"intValue":"-9223372036854775808"}}]}}}';
const own = `"traceId":"","spanId":"","name":"n","kind":1,"attributes":[${values}],"droppedAttributesCount":1`;
const parts =
  `"events":[{"name":"e","attributes":[${values}],"timeUnixNano":1700000000123456789}],` +
  `"links":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","attributes":[${values}]}],"status":{"message":"m","code":2}`;
const times = '"startTimeUnixNano":1700000000123456789,"endTimeUnixNano":1700000000123456799';

/** Bytes of a cut payload's end: made_span.h. */
const endLength = 4096;

export const target: Target = {
  name: "payloads",
  isRefusal: (error) => error instanceof Malformed,
  subjects: () => [
    subject([own, times].join()),
    subject([own, parts, times].join()),
    subject([own, parts].join()),
    cutSubject([own, parts, times].join()),
  ],
};

function subject(span: string): Subject {
  const json = Buffer.from(around.before + span + around.behind);
  return recordSubject(json, json.length, [{ name: "JSON", offset: MadeSpanRecord.size, size: json.length }]);
}

/** Of one that is too long there are the beginning, up to somewhere in its values, and the end. */
function cutSubject(span: string): Subject {
  const json = Buffer.from(around.before + span + around.behind);
  const end = Buffer.concat([Buffer.alloc(endLength, "x"), json]).subarray(-endLength);
  const kept = Buffer.concat([json.subarray(0, json.length - 300), end]);
  return recordSubject(kept, 100_000, [
    { name: "beginning", offset: MadeSpanRecord.size, size: json.length - 300 },
    { name: "end", offset: MadeSpanRecord.size + kept.length - 400, size: 400 },
  ]);
}

function recordSubject(
  kept: Buffer,
  length: number,
  regions: Parameters<typeof bufferSubject>[2] = [],
): Subject {
  const record = Buffer.concat([Buffer.alloc(MadeSpanRecord.size), kept]);
  record.writeUInt32LE(length, MadeSpanRecord.size - 8);
  record.writeUInt32LE(kept.length, MadeSpanRecord.size - 4);
  const lengths = { name: "lengths", offset: MadeSpanRecord.size - 8, size: 8 };
  return bufferSubject(record, (bytes) => sendOut(spanOf(bytes)), [lengths, ...regions]);
}

/** With limits, which walk through all of it. */
const limits = { count: 3, valueLength: 5 };

function spanOf(bytes: Buffer) {
  try {
    const { startTime, endTime, scope, ...span } = toSpan({ buffer: bytes, start: 0, end: bytes.length });
    const within = {
      ...limited(span.attributes, limits, span.droppedAttributes),
      ...limitedParts(span, limits),
    };
    const told = { ...(startTime && { startTime }), ...(endTime && { endTime }), ...(scope && { scope }) };
    return typical({ ...span, ...within, ...told });
  } catch (error) {
    throw error instanceof RangeError ? new Malformed("", { cause: error }) : error;
  }
}
