import assert from "node:assert/strict";
import { isIPv6 } from "node:net";
import test from "node:test";
import { AddressKind } from "../../../../src/generated/libraries/google.golang.org/grpc/server.ts";
import { addressOf } from "../../../../src/libraries/google.golang.org/grpc/address.ts";

const none = { kind: AddressKind.none, ip: "00".repeat(16), port: 0, name: "" };

function ip6(hex: string): string | undefined {
  return addressOf({ ...none, kind: AddressKind.ip6, ip: hex, port: 1 })?.host;
}

test("IPv4, whose bytes are the first four", () => {
  const address = addressOf({
    ...none,
    kind: AddressKind.ip4,
    ip: `7f00000a${"00".repeat(12)}`,
    port: 50051,
  });
  assert.deepEqual(address, { host: "127.0.0.10", port: 50051, isUnix: false });
});

test("an IPv4 client of a socket that listens on all addresses is one of IPv4", () => {
  assert.equal(ip6("00000000000000000000ffffc0a80001"), "192.168.0.1");
});

test("IPv6 as RFC 5952 writes it", () => {
  assert.equal(ip6("00000000000000000000000000000001"), "::1");
  assert.equal(ip6("00000000000000000000000000000000"), "::");
  assert.equal(ip6("20010db8000000000000000000000001"), "2001:db8::1");
  assert.equal(ip6("20010db8000000000001000000000000"), "2001:db8:0:0:1::");
  assert.equal(ip6("20010db8000000010001000100010001"), "2001:db8:0:1:1:1:1:1");
  assert.equal(ip6("20010000000000010000000000000001"), "2001:0:0:1::1");
  assert.equal(ip6("00010002000300040005000600070000"), "1:2:3:4:5:6:7:0");
  assert.equal(ip6("fe800000000000000000a00010000000"), "fe80::a000:1000:0");
});

test("whatever 16 bytes there are, what comes out is an IPv6 address that reads as the same bytes", () => {
  for (let n = 0; n < 256; n++) {
    const groups = Array.from({ length: 8 }, (_, bit) => ((n >> bit) & 1 ? 0x10 + bit : 0));
    const hex = groups.map((group) => group.toString(16).padStart(4, "0")).join("");
    const host = ip6(hex) ?? "";
    assert.ok(isIPv6(host), host);
    assert.equal(new URL(`http://[${host}]/`).hostname, `[${host}]`, hex);
    assert.deepEqual(expand(host), groups, host);
  }
});

function expand(host: string): number[] {
  const [left = "", right] = host.split("::");
  const parse = (text: string) =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const [before, after] = [parse(left), parse(right ?? "")];
  return [...before, ...Array(8 - before.length - after.length).fill(0), ...after];
}

test("a Unix socket has a path, its nameless clients have nothing", () => {
  const unix = { ...none, kind: AddressKind.unix };
  assert.deepEqual(addressOf({ ...unix, name: "/run/a.sock" }), {
    host: "/run/a.sock",
    port: undefined,
    isUnix: true,
  });
  assert.equal(addressOf({ ...unix, name: "@abstract" })?.host, "@abstract");
  assert.equal(addressOf({ ...unix, name: "@" })?.host, "");
});

test("what net/http has written", () => {
  const text = { ...none, kind: AddressKind.text };
  assert.deepEqual(addressOf({ ...text, name: "[::1]:80" }), { host: "::1", port: 80, isUnix: false });
  assert.deepEqual(addressOf({ ...text, name: "@" }), { host: "", port: undefined, isUnix: true });
});

test("nothing where the program couldn't tell", () => {
  assert.equal(addressOf(none), undefined);
});
