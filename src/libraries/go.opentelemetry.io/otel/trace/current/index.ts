import type { Library } from "../../../../descriptor.ts";
import { attributeFields, toldItabs, toldTypes } from "../../../api-fields.ts";
import { tellingProbes } from "../../../api-probes.ts";
import { currentAddition } from "../../../api-span.ts";
import { madeSpanFields } from "../../../fields.ts";

const trace = "go.opentelemetry.io/otel/trace";

/** What a program without an SDK tells of trace.SpanFromContext(ctx), where no span of its own is in that context. */
export const library: Library = {
  path: `${trace}/current`,
  name: "OpenTelemetry API's current span",
  module: trace,
  since: "1.0.0",
  usedBy: [`${trace}.SpanFromContext`],
  unless: ["go.opentelemetry.io/otel/sdk/trace.(*tracer).newSpan"],
  fields: { ...madeSpanFields, ...attributeFields },
  maps: {},
  itabs: toldItabs,
  types: toldTypes,
  ofApplication: true,
  probes: [
    {
      name: "span that does nothing",
      program: "current_span_that_does_nothing",
      site: { at: "entry", functions: [`${trace}.noopTracer.Start`] },
      optional: true,
    },
    ...tellingProbes(`${trace}.(*noopSpan)`, "current"),
  ],
  toAddition: currentAddition,
};
