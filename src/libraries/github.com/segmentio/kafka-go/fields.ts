/** What programs for kafka-go need of its types. */
import { type FieldSpec, field, type ItabSpec, optional } from "../../../descriptor.ts";

export const kafkaGo = "github.com/segmentio/kafka-go";

/** ebpf/libraries/github.com/segmentio/kafka-go/message.h */
export const messageFields = {
  message_topic: field(`${kafkaGo}.Message.Topic`),
  message_key: field(`${kafkaGo}.Message.Key`),
  message_value: field(`${kafkaGo}.Message.Value`),
  message_headers: field(`${kafkaGo}.Message.Headers`),
  message_time: field(`${kafkaGo}.Message.Time`),
} as const satisfies Record<string, FieldSpec>;

/** ebpf/libraries/github.com/segmentio/kafka-go/error.h */
export const errorFields = {
  wrap_error_cause: optional(field("fmt.wrapError.err")),
} as const satisfies Record<string, FieldSpec>;

export const errorItabs = {
  kafka_error_itab: { interface: "error", concrete: `${kafkaGo}.Error` },
  wrap_error_itab: { interface: "error", concrete: "*fmt.wrapError", needs: ["wrap_error_cause"] },
} as const satisfies Record<string, ItabSpec>;
