import { field, type Library, optional } from "../../../../descriptor.ts";
import { goroutineFields, openSpanFields, returnFields } from "../../../../go-fields.ts";
import { processDuration } from "../../../../messaging.ts";
import { errorFields, errorItabs, kafkaGo, messageFields } from "../fields.ts";
import { toSpan } from "./to-span.ts";

const fetchMessage = [`${kafkaGo}.(*Reader).FetchMessage`];

export const library: Library = {
  path: "github.com/segmentio/kafka-go/consumer",
  name: "kafka-go consumer",
  module: kafkaGo,
  since: "0.4.1",
  fields: {
    ...goroutineFields,
    ...openSpanFields,
    ...returnFields,
    ...messageFields,
    ...errorFields,
    reader_config: field(`${kafkaGo}.Reader.config`),
    config_brokers: field(`${kafkaGo}.ReaderConfig.Brokers`),
    config_group: field(`${kafkaGo}.ReaderConfig.GroupID`),
    config_topic: field(`${kafkaGo}.ReaderConfig.Topic`),
    config_dialer: optional(field(`${kafkaGo}.ReaderConfig.Dialer`)),
    dialer_client_id: optional(field(`${kafkaGo}.Dialer.ClientID`)),
    message_partition: field(`${kafkaGo}.Message.Partition`),
    message_offset: field(`${kafkaGo}.Message.Offset`),
    header_key: field(`${kafkaGo}/protocol.Header.Key`),
    header_value: field(`${kafkaGo}/protocol.Header.Value`),
  },
  maps: {},
  itabs: {
    ...errorItabs,
    error_string: { interface: "error", concrete: "*errors.errorString" },
    deadline_exceeded: { interface: "error", concrete: "context.deadlineExceededError" },
  },
  code: { read_message: `${kafkaGo}.(*Reader).ReadMessage` },
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
      site: { at: "entry", functions: [`${kafkaGo}.(*Reader).CommitMessages`] },
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
