import { field, type Library } from "../../../../descriptor.ts";
import { goroutineFields, openSpanFields } from "../../../../go-fields.ts";

/** A program that traces its requests itself: its span of a request takes the place of ours. */
export const library: Library = {
  path: "go.opentelemetry.io/otel/sdk/trace",
  name: "OpenTelemetry SDK in the program",
  module: "go.opentelemetry.io/otel/sdk",
  since: "1.0.0",
  fields: {
    ...goroutineFields,
    ...openSpanFields,
    config_span_kind: field("go.opentelemetry.io/otel/trace.SpanConfig.spanKind"),
  },
  maps: {},
  itabs: {},
  probes: [
    {
      name: "server span",
      program: "otel_sdk_span_made",
      site: { at: "entry", functions: ["go.opentelemetry.io/otel/sdk/trace.(*tracer).newSpan"] },
    },
  ],
};
