import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { KafkaSendRecord } from "../../../../../../src/generated/libraries/github.com/segmentio/kafka-go/producer.ts";
import { toSpan } from "../../../../../../src/libraries/github.com/segmentio/kafka-go/producer/to-span.ts";
import { factsWith, recordOf } from "../../../../support/records.ts";

const opError = 0x1000;
const facts = factsWith({ [opError]: "*net.OpError" });

const base = {
  "messaging.system": "kafka",
  "messaging.operation.name": "send",
  "messaging.operation.type": "send",
};

/** One message of 13 bytes, as a Writer sends it. */
function sent(t: TestContext, values: Readonly<Record<string, unknown>> = {}) {
  return recordOf(t, KafkaSendRecord, {
    topic: "orders",
    key: "",
    broker: "broker.example:9092",
    clientId: "",
    partition: -1,
    offset: -1,
    messages: 0,
    bodySize: 13,
    hasBody: 1,
    isTombstone: 0,
    keyCut: 0,
    failureType: 0,
    failureCode: 0,
    failureHasCode: 0,
    ...values,
  });
}

test("one message", (t) => {
  assert.deepEqual(toSpan(sent(t), facts), {
    name: "send orders",
    kind: SpanKind.PRODUCER,
    attributes: {
      ...base,
      "messaging.destination.name": "orders",
      "messaging.message.body.size": 13,
      "server.address": "broker.example",
      "server.port": 9092,
    },
    status: { code: SpanStatusCode.UNSET },
    traceState: undefined,
  });
});

test("what a connection knows beside that", (t) => {
  const values = { partition: 0, offset: 7, key: "k", clientId: "shop", broker: "" };
  assert.deepEqual(toSpan(sent(t, values), facts).attributes, {
    ...base,
    "messaging.destination.name": "orders",
    "messaging.destination.partition.id": "0",
    "messaging.client.id": "shop",
    "messaging.message.body.size": 13,
    "messaging.kafka.message.key": "k",
    "messaging.kafka.offset": 7,
  });
});

test("a message without a value", (t) => {
  const { attributes } = toSpan(sent(t, { isTombstone: 1, bodySize: 0 }), facts);
  assert.equal(attributes["messaging.kafka.message.tombstone"], true);
  assert.equal(attributes["messaging.message.body.size"], undefined);
});

test("an empty value is one", (t) => {
  assert.equal(toSpan(sent(t, { bodySize: 0 }), facts).attributes["messaging.message.body.size"], 0);
});

test("many messages, of one topic and of several", (t) => {
  const many = { messages: 1000, hasBody: 0, bodySize: 0, broker: "" };
  const one = toSpan(sent(t, many), facts);
  assert.equal(one.name, "send orders");
  assert.deepEqual(one.attributes, {
    ...base,
    "messaging.destination.name": "orders",
    "messaging.batch.message_count": 1000,
  });
  const several = toSpan(sent(t, { ...many, topic: "" }), facts);
  assert.equal(several.name, "send");
  assert.deepEqual(several.attributes, { ...base, "messaging.batch.message_count": 1000 });
});

test("the protocol's error by its name, another by its type", (t) => {
  const errorOf = (values: Readonly<Record<string, unknown>>) => {
    const { attributes, status } = toSpan(sent(t, { failureType: opError, ...values }), facts);
    assert.deepEqual(status, { code: SpanStatusCode.ERROR });
    return attributes["error.type"];
  };
  assert.equal(errorOf({ failureHasCode: 1, failureCode: 3 }), "UNKNOWN_TOPIC_OR_PARTITION");
  assert.equal(errorOf({ failureHasCode: 1, failureCode: -1 }), "UNKNOWN_SERVER_ERROR");
  assert.equal(errorOf({ failureHasCode: 1, failureCode: 999 }), "999");
  assert.equal(errorOf({}), "*net.OpError");
  assert.equal(errorOf({ failureType: 0x2000 }), "_OTHER");
});

test("brokers", (t) => {
  const serverOf = (broker: string) => {
    const { attributes } = toSpan(sent(t, { broker }), facts);
    return [attributes["server.address"], attributes["server.port"]];
  };
  assert.deepEqual(serverOf("[2001:db8::1]:9092"), ["2001:db8::1", 9092]);
  assert.deepEqual(serverOf("alice:s3cret@broker.example:9092"), ["broker.example", 9092]);
  assert.deepEqual(serverOf(""), [undefined, undefined]);
});
