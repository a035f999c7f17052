import protobuf from "protobufjs";

const root = protobuf.loadSync(new URL("./otlp.proto", import.meta.url).pathname);
const request = root.lookupType("opentelemetry.proto.ExportTraceServiceRequest");
const response = root.lookupType("opentelemetry.proto.ExportTraceServiceResponse");

export interface DecodedSpan {
  traceId: string;
  spanId: string;
  name: string;
  links: { flags: number }[];
  [field: string]: unknown;
}
export interface DecodedRequest {
  resourceSpans: {
    resource: { attributes: { key: string; value: Record<string, unknown> }[] };
    scopeSpans: { scope: { name: string; version: string }; spans: DecodedSpan[]; schemaUrl: string }[];
    schemaUrl: string;
  }[];
}

/**
 * An ExportTraceServiceRequest as plain values: 64-bit numbers as decimal texts, bytes in hex, every default filled
 * in, also that of a missing status.
 */
export function decodeRequest(bytes: Uint8Array): DecodedRequest {
  const message = request.toObject(request.decode(Buffer.from(bytes)), {
    longs: String,
    defaults: true,
    arrays: true,
  });
  const decoded = JSON.parse(
    JSON.stringify(message, (_key, value) =>
      isBuffer(value) ? Buffer.from(value.data).toString("hex") : value,
    ),
  );
  for (const span of spansOf(decoded)) span.status ??= { message: "", code: 0 };
  return decoded;
}

/** Buffer has a toJSON of its own, which comes before the replacer. */
function isBuffer(value: unknown): value is { data: number[] } {
  return (
    typeof value === "object" &&
    value !== null &&
    "type" in value &&
    value.type === "Buffer" &&
    "data" in value
  );
}

export function encodeResponse(partialSuccess: { rejectedSpans: number; errorMessage: string }): Buffer {
  return Buffer.from(response.encode({ partialSuccess }).finish());
}

export function spansOf(decoded: DecodedRequest): DecodedSpan[] {
  return decoded.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}
