import assert from "node:assert/strict";
import test from "node:test";
import { SpanStatusCode } from "@opentelemetry/api";
import { kafkaAttributes } from "../../src/libraries/kafka.ts";
import {
  type MessagingOperation,
  messagingAttributes,
  messagingName,
  messagingStatus,
  operationDuration,
  processDuration,
} from "../../src/libraries/messaging.ts";

const send: MessagingOperation = { system: "kafka", name: "send", type: "send", destination: "orders" };

test("what every operation has", () => {
  assert.equal(messagingName(send), "send orders");
  assert.deepEqual(messagingAttributes(send), {
    "messaging.system": "kafka",
    "messaging.operation.name": "send",
    "messaging.operation.type": "send",
    "messaging.destination.name": "orders",
  });
  assert.deepEqual(messagingStatus(send), { code: SpanStatusCode.UNSET });
});

test("several destinations are none", () => {
  const operation = { ...send, destination: "", batchCount: 2 };
  assert.equal(messagingName(operation), "send");
  assert.deepEqual(messagingAttributes(operation), {
    "messaging.system": "kafka",
    "messaging.operation.name": "send",
    "messaging.operation.type": "send",
    "messaging.batch.message_count": 2,
  });
});

test("what is known is there, zeros as well", () => {
  const attributes = messagingAttributes({
    ...send,
    partition: 0,
    consumerGroup: "billing",
    clientId: "shop",
    host: "broker.example",
    port: 9092,
    bodySize: 0,
    errorType: "NOT_LEADER_OR_FOLLOWER",
  });
  assert.deepEqual(attributes, {
    "messaging.system": "kafka",
    "messaging.operation.name": "send",
    "messaging.operation.type": "send",
    "messaging.destination.name": "orders",
    "messaging.destination.partition.id": "0",
    "messaging.consumer.group.name": "billing",
    "messaging.client.id": "shop",
    "messaging.message.body.size": 0,
    "server.address": "broker.example",
    "server.port": 9092,
    "error.type": "NOT_LEADER_OR_FOLLOWER",
  });
});

test("a port is nothing without its host, an error is one", () => {
  assert.equal(messagingAttributes({ ...send, host: "", port: 9092 })["server.port"], undefined);
  assert.deepEqual(messagingStatus({ ...send, errorType: "_OTHER" }), { code: SpanStatusCode.ERROR });
});

test("metrics have attributes that spans have", () => {
  const full = messagingAttributes({
    ...send,
    partition: 1,
    consumerGroup: "g",
    host: "h",
    port: 1,
    errorType: "e",
  });
  for (const { attributes } of [operationDuration, processDuration])
    for (const name of attributes) assert.ok(name in full, name);
});

const plain = { key: "", keyIsCut: false, offset: undefined, isTombstone: false };

test("keys of Kafka's messages, where they are text", () => {
  const keyOf = (key: string, keyIsCut = false) =>
    kafkaAttributes({ ...plain, key, keyIsCut })["messaging.kafka.message.key"];
  assert.equal(keyOf("order-7"), "order-7");
  assert.equal(keyOf("größe"), "größe");
  assert.equal(keyOf(""), undefined);
  assert.equal(keyOf("\0\0\0\x07"), undefined);
  assert.equal(keyOf(Buffer.from([0x61, 0xff]).toString()), undefined);
  assert.equal(keyOf(Buffer.from("aö").subarray(0, 2).toString(), true), "a");
  assert.equal(keyOf(Buffer.from("ab€").subarray(0, 4).toString(), true), "ab");
});

test("offsets and tombstones", () => {
  assert.deepEqual(kafkaAttributes(plain), {});
  assert.deepEqual(kafkaAttributes({ ...plain, offset: 0, isTombstone: true }), {
    "messaging.kafka.offset": 0,
    "messaging.kafka.message.tombstone": true,
  });
});
