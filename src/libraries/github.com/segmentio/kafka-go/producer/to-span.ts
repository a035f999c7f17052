import { SpanKind } from "@opentelemetry/api";
import { KafkaSendRecord } from "../../../../../generated/libraries/github.com/segmentio/kafka-go/producer.ts";
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

const sent = new KafkaSendRecord();

/** A record of ebpf/libraries/github.com/segmentio/kafka-go/producer/record.h as a span of the messaging conventions. */
export function toSpan(record: RecordBytes, facts: SpanFacts): LibrarySpan {
  sent.load(record);
  const operation: MessagingOperation = {
    system: kafkaSystem,
    name: "send",
    type: "send",
    destination: sent.topic,
    partition: unlessUnknown(sent.partition),
    clientId: sent.clientId,
    ...brokerOf(sent.broker),
    bodySize: sent.hasBody === 1 && sent.isTombstone === 0 ? sent.bodySize : undefined,
    batchCount: sent.messages > 1 ? sent.messages : undefined,
    errorType: errorTypeOf(
      { type: sent.failureType, code: sent.failureCode, hasCode: sent.failureHasCode },
      facts,
    ),
  };
  const message = {
    key: sent.key,
    keyIsCut: sent.keyCut === 1,
    offset: unlessUnknown(sent.offset),
    isTombstone: sent.isTombstone === 1,
  };
  return {
    name: messagingName(operation),
    kind: SpanKind.PRODUCER,
    attributes: { ...messagingAttributes(operation), ...kafkaAttributes(message) },
    status: messagingStatus(operation),
    traceState: undefined,
  };
}

function unlessUnknown(value: number): number | undefined {
  return value < 0 ? undefined : value;
}
