import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { signalWords } from "../report/signals.ts";
import type { Signal } from "./signal.ts";

export const traces: Signal = {
  words: signalWords.traces,
  grpcService: "opentelemetry.proto.collector.trace.v1.TraceService",
  readAnswer: (format, data) => {
    const serializer = format === "json" ? JsonTraceSerializer : ProtobufTraceSerializer;
    const partial = serializer.deserializeResponse(data)?.partialSuccess;
    return { rejected: partial?.rejectedSpans, message: partial?.errorMessage };
  },
};
