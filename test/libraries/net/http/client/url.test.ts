import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { PathKind } from "../../../../../src/generated/libraries/net/http/client.ts";
import {
  fullUrl,
  maxHost,
  serverOf,
  type UrlParts,
} from "../../../../../src/libraries/net/http/client/url.ts";

const parts = (own: Partial<UrlParts>): UrlParts => ({
  scheme: "http",
  host: "shop.example",
  path: "/items/7",
  pathKind: PathKind.plain,
  query: "",
  ...own,
});

test("a URL in whole", () => {
  assert.equal(fullUrl(parts({})), "http://shop.example/items/7");
  assert.equal(fullUrl(parts({ query: "a=1&b" })), "http://shop.example/items/7?a=1&b");
  assert.equal(fullUrl(parts({ host: "[::1]:8080", path: "" })), "http://[::1]:8080");
  assert.equal(fullUrl(parts({ path: "items" })), "http://shop.example/items");
});

// What net/url's (*URL).String gives for the same struct.
test("a path is escaped as Go does it", () => {
  assert.equal(fullUrl(parts({ path: "/a b/c%d?e#f" })), "http://shop.example/a%20b/c%25d%3Fe%23f");
  assert.equal(fullUrl(parts({ path: "/$&+,:;=@-_.~" })), "http://shop.example/$&+,:;=@-_.~");
  assert.equal(fullUrl(parts({ path: "/!'()*[]\"é" })), "http://shop.example/%21%27%28%29%2A%5B%5D%22%C3%A9");
  assert.equal(fullUrl(parts({ path: "*" })), "http://shop.example/*");
});

test("a raw path stays where it is properly escaped", () => {
  const raw = (path: string) => fullUrl(parts({ path, pathKind: PathKind.raw }));
  assert.equal(raw("/a%2Fb!(c)[d]"), "http://shop.example/a%2Fb!(c)[d]");
  assert.equal(raw("/a b%2Fc"), "http://shop.example/a%20b/c");
  assert.equal(raw("/a b%ff"), "http://shop.example/a%20b%ff");
  assert.equal(raw("/a b%f"), "http://shop.example/a%20b%f");
});

test("nothing secret is told", () => {
  assert.equal(fullUrl(parts({ host: "alice:s3cret@shop.example" })), "http://shop.example/items/7");
  assert.equal(
    fullUrl(parts({ query: "token=s3cret&a=1&X-Amz-Signature=s3cret" })),
    "http://shop.example/items/7?token=REDACTED&a=1&X-Amz-Signature=REDACTED",
  );
  const opaque = (path: string) => fullUrl(parts({ path, pathKind: PathKind.opaque, host: "" }));
  assert.equal(opaque("//alice:s3cret@shop.example/a@b"), "http://shop.example/a@b");
  assert.equal(opaque("//shop.example/%2f/"), "http://shop.example/%2f/");
  assert.equal(opaque("//alice:s3cret@"), "http://");
  assert.equal(opaque("http://alice:s3cret@shop.example/a"), "http:http://shop.example/a");
  assert.equal(opaque("alice:s3cret@shop.example/a"), "http:shop.example/a");
  assert.equal(opaque("//shop.example/a?token=s3cret&b=1"), "http://shop.example/a?token=REDACTED&b=1");
});

test("whom it is for", () => {
  assert.deepEqual(serverOf("http", "shop.example"), { host: "shop.example", port: 80 });
  assert.deepEqual(serverOf("https", "shop.example"), { host: "shop.example", port: 443 });
  assert.deepEqual(serverOf("https", "shop.example:8443"), { host: "shop.example", port: 8443 });
  assert.deepEqual(serverOf("http", "alice:s3cret@[2001:db8::1]:81"), { host: "2001:db8::1", port: 81 });
  assert.deepEqual(serverOf("https", "[2001:db8::1]"), { host: "2001:db8::1", port: 443 });
  assert.deepEqual(serverOf("ftp", "shop.example"), { host: "shop.example", port: undefined });
});

test("a port that may be cut is none", () => {
  const header = new URL("../../../../../ebpf/libraries/net/http/client/client.h", import.meta.url);
  assert.match(readFileSync(header, "utf8"), new RegExp(`^#define MAX_HOST ${maxHost}$`, "m"));
  assert.equal(serverOf("http", `${"h".repeat(maxHost - 3)}:8`).port, 8);
  assert.equal(serverOf("http", `${"h".repeat(maxHost - 2)}:8`).port, undefined);
});
