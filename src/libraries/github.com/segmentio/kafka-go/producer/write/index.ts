import { field, type Library, type ProbeSpec } from "../../../../../descriptor.ts";
import { goroutineFields, openSpanFields, returnFields } from "../../../../../go-fields.ts";

const package_ = "github.com/segmentio/kafka-go";
const version2 = `${package_}/protocol.(*RecordSet).writeToVersion2`;

/** A probe where this function is entered. */
function entry(name: string, program: string, function_: string): ProbeSpec {
  return { name, program, site: { at: "entry", functions: [function_] }, tier: "message" };
}

/**
 * Trace context in the headers of messages that a Writer of kafka-go sends, without spans of its own. Before 0.4.42 the
 * compiler puts `add` into its caller, and nothing says which message of which call a batch gets.
 */
export const library: Library = {
  path: "github.com/segmentio/kafka-go/producer/write",
  name: "kafka-go producer's headers",
  module: package_,
  since: "0.4.42",
  usedBy: [`${package_}.(*Writer).WriteMessages`],
  fields: {
    ...goroutineFields,
    ...openSpanFields,
    ...returnFields,
    write_batch_time: field(`${package_}.writeBatch.time`),
    write_batch_msgs: field(`${package_}.writeBatch.msgs`),
    write_batch_size: field(`${package_}.writeBatch.size`),
    write_batch_bytes: field(`${package_}.writeBatch.bytes`),
    message_topic: field(`${package_}.Message.Topic`),
    message_key: field(`${package_}.Message.Key`),
    message_value: field(`${package_}.Message.Value`),
    message_headers: field(`${package_}.Message.Headers`),
    writer_records_msgs: field(`${package_}.writerRecords.msgs`),
    writer_records_index: field(`${package_}.writerRecords.index`),
    writer_records_record: field(`${package_}.writerRecords.record`),
    writer_records_key: field(`${package_}.writerRecords.key`),
    writer_records_value: field(`${package_}.writerRecords.value`),
    record_key: field(`${package_}/protocol.Record.Key`),
    record_value: field(`${package_}/protocol.Record.Value`),
    record_headers: field(`${package_}/protocol.Record.Headers`),
  },
  maps: {},
  itabs: {},
  // What gives a slot back stands before what takes it, and that before what leads to it.
  probes: [
    {
      name: "records written",
      program: "kafka_records_written",
      site: { at: "call", function: version2, callee: "hash/crc32.MakeTable" },
      tier: "message",
    },
    entry("record", "kafka_record_read", `${version2}.func1`),
    entry("batch", "kafka_batch_sent", `${package_}.(*partitionWriter).writeBatch`),
    entry("message added to a batch", "kafka_message_added", `${package_}.(*writeBatch).add`),
  ],
};
