import protobuf from "protobufjs";

const root = protobuf.loadSync(new URL("./otlp-metrics.proto", import.meta.url).pathname);
const request = root.lookupType("opentelemetry.proto.ExportMetricsServiceRequest");

export interface DecodedMetrics {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string;
        readonly histogram?: { readonly dataPoints: readonly Record<string, unknown>[] };
      }[];
    }[];
  }[];
}

/** An ExportMetricsServiceRequest as plain values: 64-bit numbers as decimal texts, bytes in hex. */
export function decodeMetrics(bytes: Uint8Array): DecodedMetrics {
  const message = request.toObject(request.decode(Buffer.from(bytes)), { longs: String, bytes: String });
  return hexIds(message) as DecodedMetrics;
}

/** Bytes come as base64. */
function hexIds(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) return value.map((part) => hexIds(part));
  if (typeof value === "string" && /^(trace|span)Id$/.test(name))
    return Buffer.from(value, "base64").toString("hex");
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, hexIds(part, key)]));
}
