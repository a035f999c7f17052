import type { Library } from "../../../../../descriptor.ts";
import { apiFields, toldItabs, toldTypes } from "../../../../api-fields.ts";
import { spanProbes } from "../../../../api-probes.ts";
import { apiSpan } from "../../../../api-span.ts";

const global = "go.opentelemetry.io/otel/internal/global";
const trace = "go.opentelemetry.io/otel/trace";

/** Spans of a program without an SDK, of global tracers whose spans are all one object: from 0.14 to 0.20. */
export const library: Library = {
  path: "go.opentelemetry.io/otel/internal/trace/noop",
  name: "OpenTelemetry API's first tracers",
  module: "go.opentelemetry.io/otel",
  since: "0.14.0",
  onlyWith: `${trace}.(*noopSpan).End`,
  // Later ones have spans of their own, or build them. With an SDK they are not asked, or only for a moment.
  unless: [
    `${global}.(*nonRecordingSpan).End`,
    `${global}.(*tracer).newSpan`,
    "go.opentelemetry.io/otel/sdk/trace.(*tracer).Start",
  ],
  fields: apiFields,
  maps: {},
  itabs: toldItabs,
  types: toldTypes,
  ofApplication: true,
  probes: spanProbes(`${trace}.(*noopSpan)`, "noop"),
  toSpan: apiSpan,
};
