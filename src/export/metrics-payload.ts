import { JsonMetricsSerializer, ProtobufMetricsSerializer } from "@opentelemetry/otlp-transformer";
import { signalWords } from "../report/signals.ts";
import { nested, type Reading } from "./metrics-data.ts";
import { metricsJson } from "./metrics-json.ts";
import type { Payload } from "./payload.ts";
import { writeMetrics } from "./protobuf/metrics.ts";
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
  const metrics = nested(readings);
  const bytes = format === "json" ? Buffer.from(metricsJson(metrics)) : writeMetrics(metrics);
  return { items: readings.length, bytes };
}
