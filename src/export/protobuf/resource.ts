/** The messages around spans and metrics, whose fields have the same numbers for both. */
import type { InstrumentationScope } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import { writeAttributes } from "./attributes.ts";
import { type ProtobufWriter, tag, wireType } from "./writer.ts";

/** Of ExportTraceServiceRequest and ExportMetricsServiceRequest. */
export const requestTag = { resource: tag(1, wireType.bytes) } as const;
/** Of ResourceSpans and ResourceMetrics. */
export const resourceTag = {
  resource: tag(1, wireType.bytes),
  scope: tag(2, wireType.bytes),
  schemaUrl: tag(3, wireType.bytes),
} as const;
/** Of ScopeSpans and ScopeMetrics. */
export const scopeTag = {
  scope: tag(1, wireType.bytes),
  items: tag(2, wireType.bytes),
  schemaUrl: tag(3, wireType.bytes),
} as const;
const resourceField = { attributes: 1 } as const;
const instrumentationScopeTag = { name: tag(1, wireType.bytes), version: tag(2, wireType.bytes) } as const;

export function writeResource(writer: ProtobufWriter, resource: Resource): void {
  writer.byte(resourceTag.resource);
  const start = writer.open();
  writeAttributes(writer, resourceField.attributes, resource.attributes);
  writer.close(start);
}

export function writeScope(writer: ProtobufWriter, { name, version }: InstrumentationScope): void {
  writer.byte(scopeTag.scope);
  const start = writer.open();
  writeText(writer, instrumentationScopeTag.name, name);
  if (version) writeText(writer, instrumentationScopeTag.version, version);
  writer.close(start);
}

export function writeText(writer: ProtobufWriter, fieldTag: number, text: string): void {
  writer.byte(fieldTag);
  writer.string(text);
}
