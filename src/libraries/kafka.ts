/**
 * What libraries for Kafka share beside src/libraries/messaging.ts:
 * https://github.com/open-telemetry/semantic-conventions/blob/v1.37.0/docs/messaging/kafka.md
 */
import type { Attributes } from "@opentelemetry/api";
import {
  ATTR_MESSAGING_KAFKA_MESSAGE_KEY,
  ATTR_MESSAGING_KAFKA_MESSAGE_TOMBSTONE,
  ATTR_MESSAGING_KAFKA_OFFSET,
} from "@opentelemetry/semantic-conventions/incubating";

export const kafkaSystem = "kafka";

export interface KafkaMessage {
  /** As it was read as UTF-8; "" for none. */
  readonly key: string;
  /** The key is longer than what is here of it. */
  readonly keyIsCut: boolean;
  /** Undefined where it is not known. */
  readonly offset: number | undefined;
  /** It has no value, which deletes what its key had before. */
  readonly isTombstone: boolean;
}

export function kafkaAttributes({ key, keyIsCut, offset, isTombstone }: KafkaMessage): Attributes {
  const text = keyIsCut ? withoutHalf(key) : key;
  return {
    ...(isText(text) ? { [ATTR_MESSAGING_KAFKA_MESSAGE_KEY]: text } : {}),
    ...(offset === undefined ? {} : { [ATTR_MESSAGING_KAFKA_OFFSET]: offset }),
    ...(isTombstone ? { [ATTR_MESSAGING_KAFKA_MESSAGE_TOMBSTONE]: true } : {}),
  };
}

/** What bytes become that are no UTF-8, as half a character at the end of a text that was cut. */
const notUtf8 = "\ufffd";

function withoutHalf(text: string): string {
  return text.replace(/\ufffd{1,3}$/, "");
}

/** Keys are bytes, often numbers: those are no text. */
function isText(key: string): boolean {
  return key !== "" && !key.includes(notUtf8) && !/\p{Cc}/u.test(key);
}
