// What comes off the ring, up to what goes over the wire and onto the terminal.
import { TraceFlags } from "@opentelemetry/api";
import { libraries } from "../../../src/generated/registry.ts";
import { CapturedHeaders, SpanHeader } from "../../../src/generated/shared.ts";
import type { RecordBytes } from "../../../src/libraries/descriptor.ts";
import { WaitingAdditions } from "../../../src/spans/additions.ts";
import { SpanBuilder } from "../../../src/spans/builder.ts";
import { WaitingHeaders } from "../../../src/spans/captured-headers.ts";
import { Clock } from "../../../src/spans/clock.ts";
import { scopeOf } from "../../../src/spans/scope.ts";
import type { SpanRecord } from "../../../src/spans/types.ts";
import { resource } from "../../export/support/records.ts";
import { sendOut } from "../support/send-out.ts";
import { bufferSubject, type Subject, type Target } from "../support/target.ts";

/** What a session counts as malformed and leaves out. */
class Malformed extends Error {}

/** The largest record of the ring's programs has 4 KB. */
const recordSize = 4096;
const before = 64;

export const target: Target = {
  name: "records",
  isRefusal: (error) => error instanceof Malformed,
  subjects: () => [
    ...libraries.flatMap((_, id) => [subject(id, 0), subject(id, 0x20), subject(id, 0x61)]),
    headers(),
  ],
};

/** A record of captured headers: sixteen values of two names. */
function headers(): Subject {
  const value = Buffer.from("\x04\x00\x03\x00X-Idabc\x00\x00\x02\x00de", "latin1");
  const values = Buffer.concat(Array.from({ length: 16 }, () => value));
  const record = Buffer.alloc(CapturedHeaders.size + values.length);
  record.writeUInt32LE(values.length, 16);
  values.copy(record, CapturedHeaders.size);
  return bufferSubject(
    record,
    (bytes, random) => {
      const waiting = new WaitingHeaders();
      try {
        waiting.add({ buffer: bytes, start: 0, end: Math.min(bytes.length, random(recordSize)) });
      } catch (error) {
        throw error instanceof RangeError ? new Malformed() : error;
      }
    },
    [
      { name: "head", offset: 0, size: CapturedHeaders.size },
      { name: "values", offset: CapturedHeaders.size, size: values.length },
    ],
  );
}

/** A record of this library whose other bytes are all the same, between those of its neighbours in the buffer. */
function subject(id: number, filling: number): Subject {
  const record = Buffer.alloc(before + recordSize, filling);
  record.fill(0, before, before + 16);
  record.writeUInt32LE(id, before);
  record.writeUInt8(TraceFlags.SAMPLED, before + 56);
  const regions = [
    { name: "header", offset: before, size: SpanHeader.size },
    { name: "fixed part", offset: before, size: 256 },
    { name: "texts", offset: before + 156, size: 1024 },
  ];
  const builder = new SpanBuilder({
    libraries: libraries.map((library) => ({ library, scope: scopeOf(library) })),
    resource,
    clock: new Clock({
      realtimeSeconds: 1_790_000_000,
      realtimeNanos: 1,
      monotonicSeconds: 7,
      monotonicNanos: 2,
    }),
    facts: {
      route: (router, pattern, handler) => `${router}${pattern}${handler}`,
      typeName: (address) => (address % 2 === 0 ? undefined : "*errors.errorString"),
      constant: (address, length) => (address % 2 === 0 ? undefined : Buffer.alloc(length, "c")),
      semconv: { httpDup: true, databaseDup: true, rpcDup: true },
      database: { includeStatement: true, parseStatement: true },
    },
    limits: { count: 128, valueLength: undefined },
    headers: new WaitingHeaders(),
    additions: new WaitingAdditions(() => ({ events: [], attributes: undefined })),
  });
  return bufferSubject(
    record,
    (bytes, random) => {
      const end = Math.min(bytes.length, before + random(recordSize));
      const span = build(builder, { buffer: bytes, start: Math.min(before, bytes.length), end });
      sendOut(span);
    },
    regions,
  );
}

/** One that isn't sampled, and a record of another library than those that were loaded, or one that ends inside its fixed part. */
function build(builder: SpanBuilder, record: RecordBytes): SpanRecord {
  try {
    const span = builder.build(record);
    if (span === undefined) throw new Malformed("");
    return span;
  } catch (error) {
    if (error instanceof RangeError) throw new Malformed("", { cause: error });
    throw error;
  }
}
