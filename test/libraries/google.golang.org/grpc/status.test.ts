import assert from "node:assert/strict";
import test from "node:test";
import { statusAttributes, statusName } from "../../../../src/libraries/google.golang.org/grpc/status.ts";

test("codes have the names of gRPC's specification", () => {
  assert.equal(statusName(0), "OK");
  assert.equal(statusName(1), "CANCELLED");
  assert.equal(statusName(4), "DEADLINE_EXCEEDED");
  assert.equal(statusName(16), "UNAUTHENTICATED");
});

test("a code of a program's own stays a number", () => {
  assert.equal(statusName(17), "17");
  assert.equal(statusName(4_294_967_295), "4294967295");
});

test("attributes of a status", () => {
  assert.deepEqual(statusAttributes(5, false, false), { "rpc.response.status_code": "NOT_FOUND" });
  assert.deepEqual(statusAttributes(5, true, true), {
    "rpc.response.status_code": "NOT_FOUND",
    "error.type": "NOT_FOUND",
    "rpc.grpc.status_code": 5,
  });
});
