import type { SpanKind } from "@opentelemetry/api";

/** What a span of a function tells, which a rule names. */
export interface RuledFunction {
  /** Full name of the function. */
  readonly name: string;
  /** Names of attributes in braces stand for their values. */
  readonly spanName: string;
  readonly kind: SpanKind;
  /** In the order of the record's. */
  readonly values: readonly RuledValue[];
}

export interface RuledValue {
  readonly attribute: string;
  readonly kind: "bool" | "int" | "uint" | "float" | "text" | "type";
  /** Bytes, of a number. */
  readonly size: number;
}
