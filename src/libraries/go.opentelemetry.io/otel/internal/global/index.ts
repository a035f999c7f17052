import type { Library } from "../../../../descriptor.ts";
import { apiFields, toldItabs, toldTypes } from "../../../api-fields.ts";
import { apiProbes } from "../../../api-probes.ts";
import { apiSpan } from "../../../api-span.ts";

const global = "go.opentelemetry.io/otel/internal/global";

/** Spans of a program without an SDK, of global tracers that can't be told to build any: from 1.0 to 1.32. */
export const library: Library = {
  path: global,
  name: "OpenTelemetry API's global tracers",
  module: "go.opentelemetry.io/otel",
  since: "1.0.0",
  onlyWith: `${global}.(*nonRecordingSpan).End`,
  // Since 1.33 they build spans, of the library auto/sdk. With an SDK they are not asked, or only for a moment.
  unless: [`${global}.(*tracer).newSpan`, "go.opentelemetry.io/otel/sdk/trace.(*tracer).newSpan"],
  fields: apiFields,
  maps: {},
  itabs: {
    ...toldItabs,
    span_itab: {
      interface: "go.opentelemetry.io/otel/trace.Span",
      concrete: `${global}.nonRecordingSpan`,
    },
  },
  types: toldTypes,
  ofApplication: true,
  probes: apiProbes(`${global}.(*nonRecordingSpan)`, "api"),
  toSpan: apiSpan,
};
