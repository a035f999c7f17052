import type { Library } from "../../../descriptor.ts";
import { madeSpanFields } from "../../fields.ts";
import { toSpan } from "../../to-span.ts";

const sdk = "go.opentelemetry.io/auto/sdk";
const global = "go.opentelemetry.io/otel/internal/global";

/** Spans of a program without an SDK: of this module itself, and of otel's global tracers, which lead to it. */
export const library: Library = {
  path: sdk,
  name: "OpenTelemetry API without SDK",
  module: sdk,
  since: "1.0.0",
  fields: madeSpanFields,
  maps: {},
  itabs: {},
  ofApplication: true,
  switches: [
    {
      variable: `${global}.autoInstEnabled`,
      function: `${global}.(*tracer).Start`,
      callee: `${global}.(*tracer).newSpan`,
    },
  ],
  probes: [
    {
      name: "end",
      program: "auto_sdk_span_ended",
      site: { at: "entry", functions: [`${sdk}.(*span).ended`] },
    },
    {
      name: "start",
      program: "auto_sdk_span_started",
      starts: true,
      site: { at: "entry", functions: [`${sdk}.(*tracer).start`] },
    },
  ],
  toSpan,
};
