/**
 * OTLP as JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding. Ids are hex, 64-bit numbers are
 * texts. A span becomes text the moment it arrives, as in protobuf/payload.ts; the general serializer for SDK spans took
 * 14 µs a span.
 */
import type { Attributes, AttributeValue, HrTime } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import type { SpanRecord } from "../spans/types.ts";
import { spanFlags } from "./flags.ts";
import { type Group, SpanGroups } from "./groups.ts";
import type { Payload, PayloadBuilder } from "./payload.ts";

export class JsonPayloadBuilder implements PayloadBuilder {
  readonly #groups = new SpanGroups<string[]>(() => []);
  spans = 0;
  size = 0;

  append(span: SpanRecord): void {
    const text = JSON.stringify(spanJson(span));
    this.#groups.contentOf(span).push(text);
    this.spans++;
    this.size += text.length + 1;
  }

  finish(): Payload {
    const resources = [...this.#groups.byResource()].map(([resource, groups]) =>
      resourceText(resource, groups),
    );
    const payload = { spans: this.spans, bytes: Buffer.from(`{"resourceSpans":[${resources.join()}]}`) };
    this.#groups.keepOnly(() => false);
    this.spans = 0;
    this.size = 0;
    return payload;
  }
}

function resourceText(resource: Resource, groups: readonly Group<string[]>[]): string {
  const scopes = groups.map(({ scope: { name, version, schemaUrl }, content }) => {
    return `{"scope":${JSON.stringify({ name, version })},"spans":[${content.join()}]${schemaText(schemaUrl)}}`;
  });
  const attributes = JSON.stringify(keyValues(resource.attributes));
  return `{"resource":{"attributes":${attributes}},"scopeSpans":[${scopes.join()}]${schemaText(resource.schemaUrl)}}`;
}

function schemaText(url: string | undefined): string {
  return url ? `,"schemaUrl":${JSON.stringify(url)}` : "";
}

function spanJson(span: SpanRecord): object {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    traceState: span.traceState,
    parentSpanId: span.parentSpanId,
    name: span.name,
    kind: span.kind + 1, // 0 is "unspecified" on the wire, "internal" in the API
    startTimeUnixNano: nanoseconds(span.startTime),
    endTimeUnixNano: nanoseconds(span.endTime),
    attributes: keyValues(span.attributes),
    status: span.status,
    flags: spanFlags(span),
  };
}

function nanoseconds([seconds, rest]: HrTime): string {
  return `${seconds}${String(rest).padStart(9, "0")}`;
}

function keyValues(attributes: Attributes): object[] {
  const list: object[] = [];
  for (const key in attributes) {
    const value = attributes[key];
    if (value !== undefined) list.push({ key, value: anyValue(value) });
  }
  return list;
}

function anyValue(value: AttributeValue | null | undefined): object {
  switch (typeof value) {
    case "string":
      return { stringValue: value };
    case "boolean":
      return { boolValue: value };
    case "number":
      return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
    default:
      return Array.isArray(value) ? { arrayValue: { values: value.map(anyValue) } } : {};
  }
}
