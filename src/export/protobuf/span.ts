/**
 * One span as the OTLP message Span, and the messages around it.
 * Field numbers: opentelemetry/proto/{trace,common,resource}/v1 of
 * https://github.com/open-telemetry/opentelemetry-proto
 */
import type { HrTime } from "@opentelemetry/api";
import type { SpanEvent, SpanLink } from "../../libraries/span-parts.ts";
import type { SpanRecord } from "../../spans/types.ts";
import { linkFlags, spanFlags } from "../flags.ts";
import { writeAttributes } from "./attributes.ts";
import { writeText } from "./resource.ts";
import { type ProtobufWriter, tag, wireType } from "./writer.ts";

const spanTag = {
  traceId: tag(1, wireType.bytes),
  spanId: tag(2, wireType.bytes),
  traceState: tag(3, wireType.bytes),
  parentSpanId: tag(4, wireType.bytes),
  name: tag(5, wireType.bytes),
  kind: tag(6, wireType.varint),
  startTime: tag(7, wireType.fixed64),
  endTime: tag(8, wireType.fixed64),
  attributes: 9,
  droppedAttributes: tag(10, wireType.varint),
  event: tag(11, wireType.bytes),
  droppedEvents: tag(12, wireType.varint),
  link: tag(13, wireType.bytes),
  droppedLinks: tag(14, wireType.varint),
  status: tag(15, wireType.bytes),
  flags: tag(16, wireType.fixed32),
} as const;
const eventTag = {
  time: tag(1, wireType.fixed64),
  name: tag(2, wireType.bytes),
  attributes: 3,
  droppedAttributes: tag(4, wireType.varint),
} as const;
const linkTag = {
  traceId: tag(1, wireType.bytes),
  spanId: tag(2, wireType.bytes),
  traceState: tag(3, wireType.bytes),
  attributes: 4,
  droppedAttributes: tag(5, wireType.varint),
  flags: tag(6, wireType.fixed32),
} as const;
const statusTag = { message: tag(2, wireType.bytes), code: tag(3, wireType.varint) } as const;

/** Appends the fields of one Span, without tag and length of its own. */
export function writeSpan(writer: ProtobufWriter, span: SpanRecord): void {
  writeId(writer, spanTag.traceId, span.traceId);
  writeId(writer, spanTag.spanId, span.spanId);
  if (span.traceState) writeText(writer, spanTag.traceState, span.traceState);
  if (span.parentSpanId) writeId(writer, spanTag.parentSpanId, span.parentSpanId);
  writeText(writer, spanTag.name, span.name);
  writer.byte(spanTag.kind);
  writer.varint(span.kind + 1); // 0 is "unspecified" on the wire, "internal" in the API
  writeTime(writer, spanTag.startTime, span.startTime);
  writeTime(writer, spanTag.endTime, span.endTime);
  writeAttributes(writer, spanTag.attributes, span.attributes);
  writeCount(writer, spanTag.droppedAttributes, span.droppedAttributes);
  for (const event of span.events ?? []) writeEvent(writer, event);
  writeCount(writer, spanTag.droppedEvents, span.droppedEvents);
  for (const link of span.links ?? []) writeLink(writer, link);
  writeCount(writer, spanTag.droppedLinks, span.droppedLinks);
  writeStatus(writer, span);
  writer.varint(spanTag.flags);
  writer.fixed32(spanFlags(span));
}

function writeEvent(writer: ProtobufWriter, event: SpanEvent): void {
  writer.byte(spanTag.event);
  const start = writer.open();
  writeTime(writer, eventTag.time, event.time);
  writeText(writer, eventTag.name, event.name);
  writeAttributes(writer, eventTag.attributes, event.attributes);
  writeCount(writer, eventTag.droppedAttributes, event.droppedAttributes);
  writer.close(start);
}

function writeLink(writer: ProtobufWriter, link: SpanLink): void {
  writer.byte(spanTag.link);
  const start = writer.open();
  writeId(writer, linkTag.traceId, link.traceId);
  writeId(writer, linkTag.spanId, link.spanId);
  if (link.traceState) writeText(writer, linkTag.traceState, link.traceState);
  writeAttributes(writer, linkTag.attributes, link.attributes);
  writeCount(writer, linkTag.droppedAttributes, link.droppedAttributes);
  writer.byte(linkTag.flags);
  writer.fixed32(linkFlags(link));
  writer.close(start);
}

function writeCount(writer: ProtobufWriter, fieldTag: number, count: number | undefined): void {
  if (!count) return;
  writer.byte(fieldTag);
  writer.varint(count);
}

function writeStatus(writer: ProtobufWriter, span: SpanRecord): void {
  const { code, message } = span.status;
  if (code === 0 && !message) return;
  writer.byte(spanTag.status);
  const start = writer.open();
  if (message) writeText(writer, statusTag.message, message);
  writer.byte(statusTag.code);
  writer.varint(code);
  writer.close(start);
}

export function writeId(writer: ProtobufWriter, fieldTag: number, id: string): void {
  writer.byte(fieldTag);
  writer.byte(id.length >> 1);
  writer.hex(id);
}

/**
 * Nanoseconds since the epoch do not fit into a double, so 10^9 is split into 15258 * 2^16 + 51712: each product
 * and sum stays below 2^53.
 */
export function writeTime(writer: ProtobufWriter, fieldTag: number, [seconds, nanoseconds]: HrTime): void {
  const upper = seconds * 15258;
  const lower = (upper % 0x1_0000) * 0x1_0000 + seconds * 51712 + nanoseconds;
  writer.byte(fieldTag);
  writer.fixed64(lower % 0x1_0000_0000, Math.floor(upper / 0x1_0000) + Math.floor(lower / 0x1_0000_0000));
}
