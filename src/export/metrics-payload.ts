import { JsonMetricsSerializer, ProtobufMetricsSerializer } from "@opentelemetry/otlp-transformer";
import { signalWords } from "../report/signals.ts";
import { type Reading, resourceMetricsOf } from "./metrics-data.ts";
import type { Payload } from "./payload.ts";
import type { Signal, WireFormat } from "./signal.ts";

export const metrics: Signal = {
  words: signalWords.metrics,
  grpcService: "opentelemetry.proto.collector.metrics.v1.MetricsService",
  readAnswer: (format, data) => {
    const serializer = format === "json" ? JsonMetricsSerializer : ProtobufMetricsSerializer;
    const partial = serializer.deserializeResponse(data)?.partialSuccess;
    return { rejected: partial?.rejectedDataPoints, message: partial?.errorMessage };
  },
};

/** One ExportMetricsServiceRequest with all readings, of as many resources as there are. */
export function metricsPayload(readings: readonly Reading[], format: WireFormat): Payload {
  const bytes = format === "json" ? jsonRequest(readings) : protobufRequest(readings);
  return { items: readings.length, bytes };
}

/**
 * The serializers make a request of one resource. Protobuf messages that stand one behind another are one message,
 * whose repeated fields have the elements of all: https://protobuf.dev/programming-guides/encoding/#last-one-wins
 */
function protobufRequest(readings: readonly Reading[]): Uint8Array {
  const requests = resourceMetricsOf(readings).map((one) => ProtobufMetricsSerializer.serializeRequest(one));
  return Buffer.concat(requests.map((bytes) => bytes ?? Buffer.of()));
}

function jsonRequest(readings: readonly Reading[]): Uint8Array {
  const resourceMetrics = resourceMetricsOf(readings).flatMap((one) => {
    const request = Buffer.from(JsonMetricsSerializer.serializeRequest(one) ?? []).toString();
    return (JSON.parse(request) as { resourceMetrics: unknown[] }).resourceMetrics;
  });
  return Buffer.from(JSON.stringify({ resourceMetrics }));
}
