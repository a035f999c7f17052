import type { Library } from "../../../descriptor.ts";
import { madeSpanFields } from "../../fields.ts";
import { toSpan } from "../../to-span.ts";

const trace = "go.opentelemetry.io/otel/trace";

/** Spans of tracers that a program without an SDK gets by way of a context without a span. */
export const library: Library = {
  path: trace,
  name: "OpenTelemetry API's spans of contexts",
  module: trace,
  since: "1.35.0",
  fields: madeSpanFields,
  maps: {},
  itabs: {},
  ofApplication: true,
  switches: [
    {
      variable: `${trace}.autoInstEnabled`,
      function: `${trace}.noopSpan.TracerProvider`,
      callee: `${trace}.noopSpan.tracerProvider`,
      // In 1.35.0.
      inlinedWith: `${trace}.(*autoTracer).start`,
      // What a program with an SDK asks such a context for is to do nothing.
      unless: "go.opentelemetry.io/otel/sdk/trace.(*tracer).newSpan",
    },
  ],
  probes: [
    {
      name: "end",
      program: "otel_trace_span_ended",
      site: { at: "entry", functions: [`${trace}.(*autoSpan).ended`] },
    },
    {
      name: "start",
      program: "otel_trace_span_started",
      starts: true,
      site: { at: "entry", functions: [`${trace}.(*autoTracer).start`] },
    },
  ],
  toSpan,
};
