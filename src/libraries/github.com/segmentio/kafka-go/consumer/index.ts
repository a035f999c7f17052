import { field, type Library, optional } from "../../../../descriptor.ts";
import { goroutineFields, openSpanFields, returnFields } from "../../../../go-fields.ts";
import { processDuration } from "../../../../messaging.ts";
import { toSpan } from "./to-span.ts";

const kafka = "github.com/segmentio/kafka-go";
const fetchMessage = [`${kafka}.(*Reader).FetchMessage`];

export const library: Library = {
  path: "github.com/segmentio/kafka-go/consumer",
  name: "kafka-go consumer",
  module: kafka,
  since: "0.4.1",
  fields: {
    ...goroutineFields,
    ...openSpanFields,
    ...returnFields,
    reader_config: field(`${kafka}.Reader.config`),
    config_brokers: field(`${kafka}.ReaderConfig.Brokers`),
    config_group: field(`${kafka}.ReaderConfig.GroupID`),
    config_topic: field(`${kafka}.ReaderConfig.Topic`),
    config_dialer: optional(field(`${kafka}.ReaderConfig.Dialer`)),
    dialer_client_id: optional(field(`${kafka}.Dialer.ClientID`)),
    message_topic: field(`${kafka}.Message.Topic`),
    message_partition: field(`${kafka}.Message.Partition`),
    message_offset: field(`${kafka}.Message.Offset`),
    message_key: field(`${kafka}.Message.Key`),
    message_value: field(`${kafka}.Message.Value`),
    message_headers: field(`${kafka}.Message.Headers`),
    message_time: field(`${kafka}.Message.Time`),
    header_key: field(`${kafka}/protocol.Header.Key`),
    header_value: field(`${kafka}/protocol.Header.Value`),
  },
  maps: {},
  itabs: {
    error_string: { interface: "error", concrete: "*errors.errorString" },
    deadline_exceeded: { interface: "error", concrete: "context.deadlineExceededError" },
    kafka_error: { interface: "error", concrete: `${kafka}.Error` },
  },
  code: { read_message: `${kafka}.(*Reader).ReadMessage` },
  probes: [
    {
      name: "message",
      program: "kafka_message_fetched",
      // The message is on the stack; what is read of it ends with its headers.
      site: {
        at: "return",
        functions: fetchMessage,
        results: 2,
        onStack: 128,
        callers: "anywhere",
        orStepped: true,
      },
    },
    {
      name: "commit",
      program: "kafka_messages_committed",
      site: { at: "entry", functions: [`${kafka}.(*Reader).CommitMessages`] },
      optional: true,
      late: true,
    },
    {
      name: "fetch",
      program: "kafka_message_asked",
      starts: true,
      site: { at: "entry", functions: fetchMessage },
    },
  ],
  duration: processDuration,
  toSpan,
};
