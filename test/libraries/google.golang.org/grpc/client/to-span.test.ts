import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import {
  AddressKind,
  GrpcClientCall,
} from "../../../../../src/generated/libraries/google.golang.org/grpc/client.ts";
import { toSpan } from "../../../../../src/libraries/google.golang.org/grpc/client/to-span.ts";
import { factsWith, recordOf } from "../../../support/records.ts";

const facts = factsWith();

test("a call that went well", (t) => {
  assert.deepEqual(toSpan(call(t, { target: "dns:///shop.example:443", ...peer }), facts), {
    name: "shop.v1.Shop/Get",
    kind: SpanKind.CLIENT,
    attributes: {
      ...method,
      "rpc.response.status_code": "OK",
      "server.address": "shop.example",
      "server.port": 443,
      "network.peer.address": "10.0.0.7",
      "network.peer.port": 8443,
    },
    status: { code: SpanStatusCode.UNSET },
    traceState: undefined,
  });
});

test("every code but OK is an error, with the status's message", (t) => {
  const { attributes, status } = toSpan(call(t, { code: 5, message: "no such item" }), facts);
  assert.deepEqual(status, { code: SpanStatusCode.ERROR, message: "no such item" });
  assert.deepEqual(attributes, {
    ...method,
    "rpc.response.status_code": "NOT_FOUND",
    "error.type": "NOT_FOUND",
  });
});

test("a failure whose reason nobody saw has no code", (t) => {
  const { attributes, status } = toSpan(call(t, { outcomeUnseen: 1 }), facts);
  assert.deepEqual(status, { code: SpanStatusCode.ERROR });
  assert.deepEqual(attributes, { ...method, "error.type": "_OTHER" });
});

test("retries and messages", (t) => {
  const counted = { retries: 2, isCounted: 1, sent: 3, received: 0 };
  assert.deepEqual(toSpan(call(t, counted), facts).attributes, {
    ...method,
    "rpc.response.status_code": "OK",
    "rpc.grpc.resend_count": 2,
    "rpc.messages.sent": 3,
    "rpc.messages.received": 0,
  });
});

test("names that they had before, too", (t) => {
  const dup = factsWith({}, { semconv: { httpDup: false, databaseDup: false, rpcDup: true } });
  assert.deepEqual(toSpan(call(t, { code: 14 }), dup).attributes, {
    ...method,
    "rpc.system": "grpc",
    "rpc.response.status_code": "UNAVAILABLE",
    "rpc.grpc.status_code": 14,
    "error.type": "UNAVAILABLE",
  });
});

const method = { "rpc.system.name": "grpc", "rpc.service": "shop.v1.Shop", "rpc.method": "Get" };
const peer = { peerKind: AddressKind.ip4, peerIp: "0a000007000000000000000000000000", peerPort: 8443 };

function call(t: TestContext, values: Partial<Omit<GrpcClientCall, "load">>) {
  const texts = { method: "/shop.v1.Shop/Get", target: "", authority: "", message: "", peerName: "" };
  return recordOf(t, GrpcClientCall, { ...texts, ...values });
}
