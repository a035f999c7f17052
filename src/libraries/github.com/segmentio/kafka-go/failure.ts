import type { SpanFacts } from "../../../descriptor.ts";
import { kafkaErrorName } from "../../../kafka-errors.ts";

/** As a record has it: struct kafka_failure of ebpf/libraries/github.com/segmentio/kafka-go/error.h. */
export interface Failure {
  /** Address of the error's type; 0 for none. */
  readonly type: number;
  readonly code: number;
  readonly hasCode: number;
}

/** error.type: what the protocol calls it, else the type of Go's error; undefined where nothing failed. */
export function errorTypeOf({ type, code, hasCode }: Failure, facts: SpanFacts): string | undefined {
  if (type === 0) return undefined;
  return hasCode === 1 ? kafkaErrorName(code) : (facts.typeName(type) ?? "_OTHER");
}
