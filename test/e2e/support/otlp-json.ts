// The collector's file format is OTLP/JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
export type Value = string | number | boolean | Value[] | { [key: string]: Value };

/** A span as the collector received it. Times are nanoseconds since the epoch; kinds and codes are in words. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** "" for a root. */
  readonly parentSpanId: string;
  readonly flags: number;
  readonly traceState: string;
  readonly name: string;
  readonly kind: string;
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: Readonly<Record<string, Value>>;
  readonly droppedAttributes: number;
  readonly events: readonly ReceivedEvent[];
  readonly droppedEvents: number;
  readonly links: readonly ReceivedLink[];
  readonly droppedLinks: number;
  readonly status: { readonly code: "unset" | "ok" | "error"; readonly message?: string };
  readonly scope: { readonly name: string; readonly version: string; readonly schemaUrl: string };
  readonly resource: Readonly<Record<string, Value>>;
}

export interface ReceivedEvent {
  readonly name: string;
  readonly time: bigint;
  readonly attributes: Readonly<Record<string, Value>>;
  readonly droppedAttributes: number;
}

export interface ReceivedLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Readonly<Record<string, Value>>;
}

interface JsonValue {
  stringValue?: string;
  intValue?: string | number;
  doubleValue?: number;
  boolValue?: boolean;
  arrayValue?: { values?: JsonValue[] };
  kvlistValue?: { values?: JsonAttribute[] };
  bytesValue?: string;
}
export interface JsonAttribute {
  key: string;
  value: JsonValue;
}
interface JsonEvent {
  timeUnixNano?: string;
  name?: string;
  attributes?: JsonAttribute[];
  droppedAttributesCount?: number;
}
interface JsonSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  flags?: number;
  traceState?: string;
  name: string;
  kind?: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: JsonAttribute[];
  droppedAttributesCount?: number;
  events?: JsonEvent[];
  droppedEventsCount?: number;
  links?: { traceId: string; spanId: string; attributes?: JsonAttribute[] }[];
  droppedLinksCount?: number;
  status?: { code?: number; message?: string };
}
interface JsonTraces {
  resourceSpans?: {
    resource?: { attributes?: JsonAttribute[] };
    schemaUrl?: string;
    scopeSpans?: { scope?: { name?: string; version?: string }; schemaUrl?: string; spans?: JsonSpan[] }[];
  }[];
}

const kinds = ["unspecified", "internal", "server", "client", "producer", "consumer"];
const codes = ["unset", "ok", "error"] as const;

/** The spans of one line of the collector's file. */
export function decodeTraces(line: string): ReceivedSpan[] {
  const traces = JSON.parse(line) as JsonTraces;
  const spans: ReceivedSpan[] = [];
  for (const { resource, scopeSpans = [], schemaUrl } of traces.resourceSpans ?? []) {
    const resourceAttributes = decodeAttributes(resource?.attributes);
    for (const { scope, spans: inScope = [], schemaUrl: scopeUrl } of scopeSpans) {
      const decodedScope = {
        name: scope?.name ?? "",
        version: scope?.version ?? "",
        schemaUrl: scopeUrl ?? schemaUrl ?? "",
      };
      for (const span of inScope) spans.push(decodeSpan(span, decodedScope, resourceAttributes));
    }
  }
  return spans;
}

function decodeSpan(
  span: JsonSpan,
  scope: ReceivedSpan["scope"],
  resource: ReceivedSpan["resource"],
): ReceivedSpan {
  const { code = 0, message } = span.status ?? {};
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId ?? "",
    flags: span.flags ?? 0,
    traceState: span.traceState ?? "",
    name: span.name,
    kind: kinds[span.kind ?? 0] ?? String(span.kind),
    start: BigInt(span.startTimeUnixNano),
    end: BigInt(span.endTimeUnixNano),
    attributes: decodeAttributes(span.attributes),
    droppedAttributes: span.droppedAttributesCount ?? 0,
    events: (span.events ?? []).map(decodeEvent),
    droppedEvents: span.droppedEventsCount ?? 0,
    links: (span.links ?? []).map(({ traceId, spanId, attributes }) => ({
      traceId,
      spanId,
      attributes: decodeAttributes(attributes),
    })),
    droppedLinks: span.droppedLinksCount ?? 0,
    status: { code: codes[code] ?? "unset", ...(message && { message }) },
    scope,
    resource,
  };
}

function decodeEvent({ timeUnixNano = "0", name = "", ...event }: JsonEvent): ReceivedEvent {
  return {
    name,
    time: BigInt(timeUnixNano),
    attributes: decodeAttributes(event.attributes),
    droppedAttributes: event.droppedAttributesCount ?? 0,
  };
}

export function decodeAttributes(attributes: JsonAttribute[] = []): Record<string, Value> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, decodeValue(value)]));
}

function decodeValue(value: JsonValue): Value {
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(decodeValue);
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.kvlistValue) return decodeAttributes(value.kvlistValue.values);
  return value.bytesValue ?? value.stringValue ?? value.doubleValue ?? value.boolValue ?? "";
}
