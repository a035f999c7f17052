import { field, type Library, optional } from "../../../../descriptor.ts";
import { goroutineFields, openSpanFields, returnFields } from "../../../../go-fields.ts";
import { operationDuration } from "../../../../messaging.ts";
import { errorFields, errorItabs, kafkaGo, messageFields } from "../fields.ts";
import { toSpan } from "./to-span.ts";

const write = `${kafkaGo}.(*Writer).WriteMessages`;
/** All writes through a Conn come here. */
const connectionWrite = `${kafkaGo}.(*Conn).writeCompressedMessages`;

const produce = `${kafkaGo}.(*Client).Produce`;
const produceEnd = "end of a client's request";

export const library: Library = {
  path: "github.com/segmentio/kafka-go/producer",
  name: "kafka-go producer",
  module: kafkaGo,
  since: "0.4.1",
  usedBy: [write, connectionWrite, produce],
  fields: {
    ...goroutineFields,
    ...openSpanFields,
    ...returnFields,
    ...messageFields,
    ...errorFields,
    writer_address: optional(field(`${kafkaGo}.Writer.Addr`)),
    writer_topic: optional(field(`${kafkaGo}.Writer.Topic`)),
    writer_transport: optional(field(`${kafkaGo}.Writer.Transport`)),
    client_address: optional(field(`${kafkaGo}.Client.Addr`)),
    client_transport: optional(field(`${kafkaGo}.Client.Transport`)),
    request_address: optional(field(`${kafkaGo}.ProduceRequest.Addr`)),
    request_topic: optional(field(`${kafkaGo}.ProduceRequest.Topic`)),
    request_partition: optional(field(`${kafkaGo}.ProduceRequest.Partition`)),
    request_records: optional(field(`${kafkaGo}.ProduceRequest.Records`)),
    response_error: optional(field(`${kafkaGo}.ProduceResponse.Error`)),
    response_base_offset: optional(field(`${kafkaGo}.ProduceResponse.BaseOffset`)),
    transport_client_id: optional(field(`${kafkaGo}.Transport.ClientID`)),
    network_address_text: optional(field(`${kafkaGo}.networkAddress.address`)),
    connection_client_id: optional(field(`${kafkaGo}.Conn.clientID`)),
    connection_topic: optional(field(`${kafkaGo}.Conn.topic`)),
    connection_partition: optional(field(`${kafkaGo}.Conn.partition`)),
  },
  maps: {},
  itabs: {
    ...errorItabs,
    write_errors_itab: { interface: "error", concrete: `${kafkaGo}.WriteErrors` },
    network_address_itab: {
      interface: "net.Addr",
      concrete: `*${kafkaGo}.networkAddress`,
      needs: ["writer_address", "network_address_text"],
    },
    writer_records_itab: {
      interface: `${kafkaGo}/protocol.RecordReader`,
      concrete: `*${kafkaGo}.writerRecords`,
      needs: ["request_records"],
    },
    transport_itab: {
      interface: `${kafkaGo}.RoundTripper`,
      concrete: `*${kafkaGo}.Transport`,
      needs: ["writer_transport", "transport_client_id"],
    },
  },
  probes: [
    {
      name: "end of a write",
      program: "kafka_write_returned",
      site: {
        at: "return",
        functions: [write],
        results: 2,
        callers: "anywhere",
        orStepped: true,
      },
      optional: true,
    },
    {
      name: produceEnd,
      program: "kafka_write_returned",
      site: {
        at: "return",
        functions: [produce],
        results: 3,
        callers: "anywhere",
        orStepped: true,
        // A Writer's own requests, each of messages of several calls.
        apartFrom: [`${kafkaGo}.(*Writer).produce`],
      },
      optional: true,
    },
    {
      name: "end of a connection's write",
      program: "kafka_connection_write_returned",
      site: { at: "return", functions: [connectionWrite], results: 8, callers: "itself" },
      optional: true,
    },
    {
      name: "write",
      program: "kafka_write_started",
      starts: true,
      site: { at: "entry", functions: [write] },
      optional: true,
    },
    {
      name: "client's request",
      program: "kafka_produce_started",
      starts: true,
      site: { at: "calls", functions: [produce], end: produceEnd },
      optional: true,
    },
    {
      name: "connection's write",
      program: "kafka_connection_write_started",
      starts: true,
      site: { at: "entry", functions: [connectionWrite] },
      optional: true,
    },
  ],
  duration: operationDuration,
  toSpan,
};
