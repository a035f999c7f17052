/**
 * What messaging libraries share of the semantic conventions, in the names of the schema that spans say they have
 * (src/spans/scope.ts): https://github.com/open-telemetry/semantic-conventions/blob/v1.37.0/docs/messaging/messaging-spans.md
 */
import { type Attributes, type SpanStatus, SpanStatusCode } from "@opentelemetry/api";
import { ATTR_ERROR_TYPE, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from "@opentelemetry/semantic-conventions";
import {
  ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
  ATTR_MESSAGING_CLIENT_ID,
  ATTR_MESSAGING_CONSUMER_GROUP_NAME,
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_DESTINATION_PARTITION_ID,
  ATTR_MESSAGING_MESSAGE_BODY_SIZE,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_MESSAGING_SYSTEM,
  METRIC_MESSAGING_CLIENT_OPERATION_DURATION,
  METRIC_MESSAGING_PROCESS_DURATION,
} from "@opentelemetry/semantic-conventions/incubating";
import type { DurationMetric } from "./descriptor.ts";
import { httpDurationBoundaries } from "./http.ts";

/** What is known of one operation; what is undefined, or a text that is empty, is not. */
export interface MessagingOperation {
  /** "kafka" */
  readonly system: string;
  /** As the system calls it: "send", "process", "poll". */
  readonly name: string;
  readonly type: "send" | "receive" | "process";
  /** A topic, a queue; "" where there are several. */
  readonly destination: string;
  readonly partition?: number | undefined;
  readonly consumerGroup?: string | undefined;
  readonly clientId?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** Bytes of one message. */
  readonly bodySize?: number | undefined;
  /** Messages, of an operation with several; one with a single message has none. */
  readonly batchCount?: number | undefined;
  readonly errorType?: string | undefined;
}

/** "send orders"; the operation alone where the destination isn't one, or not known. */
export function messagingName({ name, destination }: MessagingOperation): string {
  return destination ? `${name} ${destination}` : name;
}

export function messagingAttributes(operation: MessagingOperation): Attributes {
  const { system, name, type, destination, partition, host } = operation;
  const attributes: Attributes = {
    [ATTR_MESSAGING_SYSTEM]: system,
    [ATTR_MESSAGING_OPERATION_NAME]: name,
    [ATTR_MESSAGING_OPERATION_TYPE]: type,
  };
  const known = {
    [ATTR_MESSAGING_DESTINATION_NAME]: destination,
    [ATTR_MESSAGING_DESTINATION_PARTITION_ID]: partition?.toString(),
    [ATTR_MESSAGING_CONSUMER_GROUP_NAME]: operation.consumerGroup,
    [ATTR_MESSAGING_CLIENT_ID]: operation.clientId,
    [ATTR_MESSAGING_MESSAGE_BODY_SIZE]: operation.bodySize,
    [ATTR_MESSAGING_BATCH_MESSAGE_COUNT]: operation.batchCount,
    [ATTR_SERVER_ADDRESS]: host,
    [ATTR_SERVER_PORT]: host ? operation.port : undefined,
    [ATTR_ERROR_TYPE]: operation.errorType,
  };
  for (const [key, value] of Object.entries(known))
    if (value !== undefined && value !== "") attributes[key] = value;
  return attributes;
}

export function messagingStatus({ errorType }: MessagingOperation): SpanStatus {
  return { code: errorType ? SpanStatusCode.ERROR : SpanStatusCode.UNSET };
}

/** Both metrics have HTTP's buckets, and these attributes, of few values each. */
const common = {
  boundaries: httpDurationBoundaries,
  attributes: [
    ATTR_MESSAGING_SYSTEM,
    ATTR_MESSAGING_OPERATION_NAME,
    ATTR_MESSAGING_OPERATION_TYPE,
    ATTR_MESSAGING_DESTINATION_NAME,
    ATTR_MESSAGING_DESTINATION_PARTITION_ID,
    ATTR_MESSAGING_CONSUMER_GROUP_NAME,
    ATTR_SERVER_ADDRESS,
    ATTR_SERVER_PORT,
    ATTR_ERROR_TYPE,
  ],
} as const;

/** Of what a producer or a consumer asks its broker. */
export const operationDuration: DurationMetric = {
  name: METRIC_MESSAGING_CLIENT_OPERATION_DURATION,
  description: "Duration of messaging operation initiated by a producer or consumer client.",
  ...common,
};

/** Of what the application does with a message. */
export const processDuration: DurationMetric = {
  name: METRIC_MESSAGING_PROCESS_DURATION,
  description: "Duration of processing operation.",
  ...common,
};
