import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { maxTarget, serverOf } from "../../../../../src/libraries/google.golang.org/grpc/client/target.ts";

function expectServers(servers: Readonly<Record<string, readonly [string, number | undefined]>>): void {
  for (const [target, [host, port]] of Object.entries(servers))
    assert.deepEqual(serverOf(target, "authority.example"), { host, port }, target);
}

test("hosts and ports", () => {
  expectServers({
    "shop.example:50051": ["shop.example", 50051],
    "localhost:50051": ["localhost", 50051],
    "10.0.0.7:50051": ["10.0.0.7", 50051],
    "[2001:db8::1]:50051": ["2001:db8::1", 50051],
    "shop.example": ["shop.example", undefined],
    "shop.example:https": ["shop.example", undefined],
  });
});

test("schemes", () => {
  expectServers({
    "dns:///shop.example:50051": ["shop.example", 50051],
    "dns://8.8.8.8/shop.example:50051": ["shop.example", 50051],
    "dns:shop.example:50051": ["shop.example", 50051],
    "dns:///shop.example": ["shop.example", 443],
    "passthrough:///127.0.0.1:50051": ["127.0.0.1", 50051],
    "passthrough:127.0.0.1:50051": ["127.0.0.1", 50051],
    "passthrough:///bufnet": ["bufnet", undefined],
    "xds:///shop": ["shop", undefined],
    "kubernetes:///shop.default:http": ["shop.default", undefined],
    "etcd:///services/shop": ["services/shop", undefined],
    "ipv4:10.0.0.7:50051": ["10.0.0.7", 50051],
    "ipv6:[2001:db8::1]:50051": ["2001:db8::1", 50051],
    "ipv4:10.0.0.7:50051,10.0.0.8:50051": ["10.0.0.7:50051,10.0.0.8:50051", undefined],
  });
});

test("unix sockets", () => {
  expectServers({
    "unix:/run/shop.sock": ["/run/shop.sock", undefined],
    "unix:///run/shop.sock": ["/run/shop.sock", undefined],
    "unix:shop.sock": ["shop.sock", undefined],
    "unix-abstract:shop": ["@shop", undefined],
  });
});

test("a target that names nobody: the authority does", () => {
  assert.deepEqual(serverOf("", "shop.example:8443"), { host: "shop.example", port: 8443 });
  assert.deepEqual(serverOf("passthrough:///", "shop.example"), { host: "shop.example", port: undefined });
  assert.deepEqual(serverOf("", ""), { host: "", port: undefined });
});

test("nothing secret is told", () => {
  expectServers({
    "consul://alice:s3cret@registry.example/shop?token=s3cret": ["shop", undefined],
    "etcd:///alice:s3cret@shop:1#s3cret": ["shop", 1],
    "alice:s3cret@shop.example:1": ["shop.example", 1],
    "passthrough:///alice:s3?cr@t@shop.example:1": ["authority.example", undefined],
    [`passthrough:///alice:${"s3cret".repeat(40)}@shop.example:1`.slice(0, maxTarget)]: ["", undefined],
  });
});

test("what may be cut is nobody's", () => {
  const header = new URL(
    "../../../../../ebpf/libraries/google.golang.org/grpc/client/client.h",
    import.meta.url,
  );
  assert.match(readFileSync(header, "utf8"), new RegExp(`^#define MAX_TARGET ${maxTarget}$`, "m"));
  assert.equal(serverOf(`${"h".repeat(maxTarget - 3)}:8`, "").port, 8);
  assert.deepEqual(serverOf(`${"h".repeat(maxTarget - 2)}:8`, ""), { host: "", port: undefined });
});
