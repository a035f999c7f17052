import { type Attributes, SpanKind } from "@opentelemetry/api";
import { KafkaConsumerRecord } from "../../../../../generated/libraries/github.com/segmentio/kafka-go/consumer.ts";
import type { LibrarySpan, RecordBytes, SpanFacts } from "../../../../descriptor.ts";
import { kafkaAttributes, kafkaSystem } from "../../../../kafka.ts";
import {
  type MessagingOperation,
  messagingAttributes,
  messagingName,
  messagingStatus,
} from "../../../../messaging.ts";
import { brokerOf } from "../broker.ts";
import { errorTypeOf } from "../failure.ts";

const call = new KafkaConsumerRecord();

/** A record of ebpf/libraries/github.com/segmentio/kafka-go/consumer/fetch.h as a span of the messaging conventions. */
export function toSpan(record: RecordBytes, facts: SpanFacts): LibrarySpan {
  call.load(record);
  const { failureType: type, failureCode: code, failureHasCode: hasCode } = call;
  const errorType = errorTypeOf({ type, code, hasCode }, facts);
  const isMessage = errorType === undefined;
  const operation: MessagingOperation = {
    system: kafkaSystem,
    ...(isMessage
      ? { name: "process", type: "process", partition: call.partition, bodySize: bodySize() }
      : { name: "poll", type: "receive", errorType }),
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
    isNotMeasured: !isMessage,
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
  return call.broker ? brokerOf(call.broker) : {};
}
