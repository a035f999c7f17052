// The collector's file format is OTLP/JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
export type Value = string | number | boolean | Value[];

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
  readonly status: { readonly code: "unset" | "ok" | "error"; readonly message?: string };
  readonly scope: { readonly name: string; readonly version: string; readonly schemaUrl: string };
  readonly resource: Readonly<Record<string, Value>>;
}

interface JsonValue {
  stringValue?: string;
  intValue?: string | number;
  doubleValue?: number;
  boolValue?: boolean;
  arrayValue?: { values?: JsonValue[] };
}
export interface JsonAttribute {
  key: string;
  value: JsonValue;
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
    status: { code: codes[code] ?? "unset", ...(message && { message }) },
    scope,
    resource,
  };
}

export function decodeAttributes(attributes: JsonAttribute[] = []): Record<string, Value> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, decodeValue(value)]));
}

function decodeValue(value: JsonValue): Value {
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(decodeValue);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.doubleValue ?? value.boolValue ?? "";
}
