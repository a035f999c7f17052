/** What programs of ebpf/libraries/go.opentelemetry.io/api_span.h read. */
import { field, optional } from "../descriptor.ts";
import { madeSpanFields } from "./fields.ts";

const tracer = "go.opentelemetry.io/otel/internal/global.tracer";
const trace = "go.opentelemetry.io/otel/trace";
/** Up to 0.16 the package of attributes has another name. */
const [attribute, label] = ["go.opentelemetry.io/otel/attribute", "go.opentelemetry.io/otel/label"];

function ofAttribute(name: string) {
  return optional(field(`${attribute}.${name}`, `${label}.${name}`));
}

/** Attributes, as ebpf/libraries/go.opentelemetry.io/attributes.h reads them. */
export const attributeFields = {
  key_value_key: ofAttribute("KeyValue.Key"),
  key_value_value: ofAttribute("KeyValue.Value"),
  value_type: ofAttribute("Value.vtype"),
  value_number: ofAttribute("Value.numeric"),
  value_text: ofAttribute("Value.stringly"),
  value_slice: optional(field(`${attribute}.Value.slice`)),
  value_array: ofAttribute("Value.array"),
} as const;

export const apiFields = {
  ...madeSpanFields,
  ...attributeFields,
  tracer_name: field(`${tracer}.name`),
  tracer_delegate: field(`${tracer}.delegate`),
} as const;

/** Types of what is told of a span, as told by attributes.h. */
export const toldTypes = {
  key_value: [`${attribute}.KeyValue`, `${label}.KeyValue`],
  older_key_value: [`${label}.KeyValue`],
  attribute_option: [`${trace}.attributeOption`, `${trace}.attributeSpanOption`],
  timestamp_option: [`${trace}.timestampOption`, `${trace}.timestampSpanOption`],
  function_option: [`${trace}.spanOptionFunc`],
  span_kind_option: [`${trace}.spanKindSpanOption`],
} as const;

/** Errors whose messages can be read. */
export const toldItabs = {
  error_string_itab: { interface: "error", concrete: "*errors.errorString" },
  wrap_error_itab: { interface: "error", concrete: "*fmt.wrapError" },
  wrap_errors_itab: { interface: "error", concrete: "*fmt.wrapErrors" },
} as const;
