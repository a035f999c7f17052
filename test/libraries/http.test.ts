import assert from "node:assert/strict";
import test from "node:test";
import {
  methodNames,
  originalClient,
  parseTarget,
  routeOfPattern,
  splitHostPort,
} from "../../src/libraries/http.ts";

test("request targets in each of their four forms", () => {
  const rows: readonly [string, string, string][] = [
    ["/", "/", ""],
    ["/a/b?c=d&e", "/a/b", "c=d&e"],
    ["/a%20b", "/a%20b", ""],
    ["http://example.com/a?b=c", "/a", "b=c"],
    ["http://example.com", "/", ""],
    ["http://example.com?b=c", "/", "b=c"],
    ["*", "*", ""],
    ["example.com:443", "", ""],
    ["", "", ""],
  ];
  for (const [target, path, query] of rows) assert.deepEqual(parseTarget(target), { path, query }, target);
});

test("secret query parameters lose their value, and only they", () => {
  const query = (text: string) => parseTarget(`/?${text}`).query;
  assert.equal(query("sig=abc&x=1"), "sig=REDACTED&x=1");
  assert.equal(query("%74oken=abc&x=1"), "%74oken=REDACTED&x=1");
  assert.equal(query("a=b&X-Goog-Signature=abc"), "a=b&X-Goog-Signature=REDACTED");
  for (const name of ["password", "Passwd", "pwd", "token", "access_token", "id-token", "api_key", "apikey"])
    assert.equal(query(`a=b&${name}=s3cret&c=d`), `a=b&${name}=REDACTED&c=d`);
  for (const name of [
    "session_token",
    "private_token",
    "jwt",
    "code",
    "key",
    "auth",
    "user[password]",
    "sid",
  ])
    assert.equal(query(`${name}=s3cret`), `${name}=REDACTED`);
  for (const name of [
    "sessionid",
    "access_key",
    "private-key",
    "client_assertion",
    "code_verifier",
    "newPassword",
  ])
    assert.equal(query(`${name}=s3cret`), `${name}=REDACTED`);
  for (const kept of [
    "page=2",
    "next_page_token=x",
    "pageToken=x",
    "country_code=de",
    "monkey=1",
    "author=x",
  ])
    assert.equal(query(kept), kept);
  for (const name of ["client_secret", "X-Amz-Signature", "X-Amz-Credential", "x-amz-security-token"])
    assert.equal(query(`${name}=s3cret`), `${name}=REDACTED`);
  for (const kept of ["tokens=3", "significant=1", "keyword=x", "page_token_count=2"])
    assert.equal(query(kept), kept);
  assert.equal(query("AWSAccessKeyId=a&Signature=b"), "AWSAccessKeyId=REDACTED&Signature=REDACTED");
  assert.equal(query("design=abc&sigma=1"), "design=abc&sigma=1");
});

test("hosts with and without a port", () => {
  const rows: readonly [string, string, number | undefined][] = [
    ["example.com", "example.com", undefined],
    ["example.com:8080", "example.com", 8080],
    ["[::1]:80", "::1", 80],
    ["[::1]", "::1", undefined],
    ["::1", "::1", undefined],
    ["example.com:http", "example.com", undefined],
    ["example.com:1e3", "example.com", undefined],
    ["example.com:0x50", "example.com", undefined],
    ["example.com:99999", "example.com", undefined],
    ["example.com:", "example.com", undefined],
    ["", "", undefined],
  ];
  for (const [text, host, port] of rows) assert.deepEqual(splitHostPort(text), { host, port }, text);
});

test("the client behind proxies", () => {
  assert.equal(originalClient("", ""), undefined);
  assert.equal(originalClient("", "192.0.2.1, 198.51.100.2"), "192.0.2.1");
  assert.equal(originalClient("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.1"), "192.0.2.60");
  assert.equal(originalClient('For="[2001:db8:cafe::17]:4711"', ""), "2001:db8:cafe::17");
  assert.equal(originalClient("proto=https", "192.0.2.1"), "192.0.2.1");
  assert.equal(originalClient("", "192.0.2.1:5000"), "192.0.2.1");
});

test("methods that the conventions don't know", () => {
  assert.deepEqual(methodNames("GET"), { attribute: "GET", inName: "GET" });
  assert.deepEqual(methodNames("PURGE"), { attribute: "_OTHER", inName: "HTTP" });
  assert.deepEqual(methodNames("get"), { attribute: "_OTHER", inName: "HTTP" });
});

test("routes of ServeMux patterns", () => {
  assert.equal(routeOfPattern("GET /items/{id}"), "/items/{id}");
  assert.equal(routeOfPattern("example.com/a/{rest...}"), "/a/{rest...}");
  assert.equal(routeOfPattern("/"), "/");
  assert.equal(routeOfPattern(""), "");
});
