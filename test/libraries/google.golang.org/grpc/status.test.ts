import assert from "node:assert/strict";
import test from "node:test";
import {
  failedWith,
  statusAttributes,
  statusName,
} from "../../../../src/libraries/google.golang.org/grpc/status.ts";

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

test("a message tells no user and no password", () => {
  const message = (text: string) => failedWith(text).message;
  assert.equal(
    message("dial tcp: address alice:s3c/ret@shop.example:1: too many colons in address"),
    "dial tcp: address REDACTED@shop.example:1: too many colons in address",
  );
  assert.equal(
    message('invalid target "etcd://alice:s3cret@registry/shop"'),
    'invalid target "etcd://REDACTED@registry/shop"',
  );
  const harmless = "code: alice@shop.example is unknown, see http://shop.example:80/users";
  assert.equal(message(harmless), harmless);
  assert.deepEqual(failedWith(""), { code: 2 });
});
