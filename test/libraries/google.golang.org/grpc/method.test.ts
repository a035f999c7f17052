import assert from "node:assert/strict";
import test from "node:test";
import { methodAttributes, methodOf } from "../../../../src/libraries/google.golang.org/grpc/method.ts";

test("service and method", () => {
  assert.deepEqual(methodOf("/grpc.health.v1.Health/Check"), {
    service: "grpc.health.v1.Health",
    method: "Check",
    name: "grpc.health.v1.Health/Check",
  });
});

test("a service with slashes of its own, as grpc-go's server reads it", () => {
  assert.deepEqual(methodOf("/a/b.C/D"), { service: "a/b.C", method: "D", name: "a/b.C/D" });
});

test("what has no leading slash, no slash at all, or nothing", () => {
  assert.deepEqual(methodOf("pkg.Service/Method").service, "pkg.Service");
  assert.deepEqual(methodOf("/Method"), { service: undefined, method: "Method", name: "Method" });
  assert.deepEqual(methodOf("Method").service, undefined);
  assert.deepEqual(methodOf(""), { service: undefined, method: "", name: "" });
  assert.deepEqual(methodOf("//"), { service: "", method: "", name: "/" });
});

test("attributes, with the older name when it is asked for", () => {
  assert.deepEqual(methodAttributes("/s.S/M", false), {
    name: "s.S/M",
    attributes: { "rpc.system.name": "grpc", "rpc.service": "s.S", "rpc.method": "M" },
  });
  assert.equal(methodAttributes("/s.S/M", true).attributes["rpc.system"], "grpc");
});

test("a span always has a name", () => {
  assert.deepEqual(methodAttributes("", false), { name: "grpc", attributes: { "rpc.system.name": "grpc" } });
});
