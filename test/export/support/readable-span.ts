import { type Attributes, createTraceState, type SpanContext } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { SpanRecord } from "../../../src/spans/types.ts";

const noTime: [number, number] = [0, 0];

/** The record in the shape that the OTel serializers read. */
export function toReadableSpan(span: SpanRecord): ReadableSpan {
  const context = spanContext(span, span.spanId);
  return {
    name: span.name,
    kind: span.kind,
    spanContext: () => context,
    ...(span.parentSpanId && {
      parentSpanContext: { ...spanContext(span, span.parentSpanId), isRemote: span.parentIsRemote },
    }),
    startTime: span.startTime,
    endTime: span.endTime,
    status: span.status,
    attributes: span.attributes as Attributes,
    links: (span.links ?? []).map((link) => ({
      context: spanContext(link, link.spanId),
      attributes: link.attributes as Attributes,
      droppedAttributesCount: link.droppedAttributes,
    })),
    events: (span.events ?? []).map(({ name, time, attributes, droppedAttributes }) => ({
      name,
      time,
      attributes: attributes as Attributes,
      droppedAttributesCount: droppedAttributes,
    })),
    duration: noTime, // no serializer reads it
    ended: true,
    resource: span.resource,
    instrumentationScope: span.scope,
    droppedAttributesCount: span.droppedAttributes,
    droppedEventsCount: span.droppedEvents ?? 0,
    droppedLinksCount: span.droppedLinks ?? 0,
  };
}

function spanContext(
  { traceId, traceFlags, traceState }: Pick<SpanRecord, "traceId" | "traceFlags" | "traceState">,
  spanId: string,
): SpanContext {
  return { traceId, spanId, traceFlags, ...(traceState && { traceState: createTraceState(traceState) }) };
}
