import { type Attributes, SpanKind } from "@opentelemetry/api";
import { KafkaConsumerRecord } from "../../../../../generated/libraries/github.com/segmentio/kafka-go/consumer.ts";
import type { LibrarySpan, RecordBytes, SpanFacts } from "../../../../descriptor.ts";
import { splitHostPort } from "../../../../http.ts";
import { kafkaAttributes, kafkaSystem } from "../../../../kafka.ts";
import {
  type MessagingOperation,
  messagingAttributes,
  messagingName,
  messagingStatus,
} from "../../../../messaging.ts";

const call = new KafkaConsumerRecord();

/** A record of ebpf/libraries/github.com/segmentio/kafka-go/consumer/fetch.h as a span of the messaging conventions. */
export function toSpan(record: RecordBytes, facts: SpanFacts): LibrarySpan {
  call.load(record);
  const isMessage = call.errorType === 0;
  const operation: MessagingOperation = {
    system: kafkaSystem,
    ...(isMessage
      ? { name: "process", type: "process", partition: call.partition, bodySize: bodySize() }
      : { name: "poll", type: "receive", errorType: facts.typeName(call.errorType) ?? "_OTHER" }),
    destination: call.topic,
    consumerGroup: call.group,
    clientId: call.clientId,
    ...broker(),
  };
  return {
    name: messagingName(operation),
    kind: isMessage ? SpanKind.CONSUMER : SpanKind.CLIENT,
    attributes: { ...messagingAttributes(operation), ...(isMessage ? ofMessage() : {}) },
    status: messagingStatus(operation),
    traceState: call.tracestate || undefined,
  };
}

function bodySize(): number | undefined {
  return call.isTombstone ? undefined : call.bodySize;
}

function ofMessage(): Attributes {
  return kafkaAttributes({
    key: call.key,
    keyIsCut: call.keyIsCut !== 0,
    offset: call.offset,
    isTombstone: call.isTombstone !== 0,
  });
}

/** The only one that the reader was given; with several it is not known which one it reads from. */
function broker(): Pick<MessagingOperation, "host" | "port"> {
  return call.broker ? splitHostPort(call.broker) : {};
}
