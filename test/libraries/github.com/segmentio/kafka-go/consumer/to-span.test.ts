import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { KafkaConsumerRecord } from "../../../../../../src/generated/libraries/github.com/segmentio/kafka-go/consumer.ts";
import { toSpan } from "../../../../../../src/libraries/github.com/segmentio/kafka-go/consumer/to-span.ts";
import { factsWith, recordOf } from "../../../../support/records.ts";

const spanOf = (t: TestContext, values: Readonly<Record<string, unknown>>) =>
  toSpan(recordOf(t, KafkaConsumerRecord, values), factsWith({ 64: "*net.OpError" }));

const message = { topic: "orders", partition: 3, offset: 41, bodySize: 12, key: "k", isTombstone: 0 };

test("a message is a consumer's span with all that is known", (t) => {
  const reader = { group: "billing", clientId: "c1", broker: "kafka.example.com:9092", tracestate: "a=b" };
  const span = spanOf(t, { ...message, ...reader });
  assert.equal(span.name, "process orders");
  assert.equal(span.kind, SpanKind.CONSUMER);
  assert.equal(span.status.code, SpanStatusCode.UNSET);
  assert.equal(span.traceState, "a=b");
  assert.deepEqual(span.attributes, {
    "messaging.system": "kafka",
    "messaging.operation.name": "process",
    "messaging.operation.type": "process",
    "messaging.destination.name": "orders",
    "messaging.destination.partition.id": "3",
    "messaging.kafka.offset": 41,
    "messaging.kafka.message.key": "k",
    "messaging.message.body.size": 12,
    "messaging.consumer.group.name": "billing",
    "messaging.client.id": "c1",
    "server.address": "kafka.example.com",
    "server.port": 9092,
  });
});

test("one without a value says so, one with an empty value has a size", (t) => {
  const { attributes } = spanOf(t, { ...message, key: "", bodySize: 0, isTombstone: 1 });
  assert.equal(attributes["messaging.kafka.message.tombstone"], true);
  assert.equal("messaging.message.body.size" in attributes, false);
  assert.equal("messaging.kafka.message.key" in attributes, false);
});

test("an empty value is not none", (t) => {
  const { attributes } = spanOf(t, { ...message, bodySize: 0 });
  assert.equal(attributes["messaging.message.body.size"], 0);
  assert.equal("messaging.kafka.message.tombstone" in attributes, false);
});

test("a call that brought no message is a client's span with its error", (t) => {
  const span = spanOf(t, { topic: "orders", failureType: 64, group: "billing" });
  assert.equal(span.name, "poll orders");
  assert.equal(span.kind, SpanKind.CLIENT);
  assert.equal(span.status.code, SpanStatusCode.ERROR);
  assert.deepEqual(span.attributes, {
    "messaging.system": "kafka",
    "messaging.operation.name": "poll",
    "messaging.operation.type": "receive",
    "messaging.destination.name": "orders",
    "messaging.consumer.group.name": "billing",
    "error.type": "*net.OpError",
  });
});

test("a reader of several topics fails without one", (t) => {
  assert.equal(spanOf(t, { failureType: 1 }).name, "poll");
});

test("an error of the protocol has its name", (t) => {
  const { attributes } = spanOf(t, { topic: "gone", failureType: 1, failureCode: 3, failureHasCode: 1 });
  assert.equal(attributes["error.type"], "UNKNOWN_TOPIC_OR_PARTITION");
});
