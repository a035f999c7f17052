import assert from "node:assert/strict";
import test from "node:test";
import { isSecretHeader } from "../../src/libraries/secret-names.ts";

test("headers that hold credentials", () => {
  const secret = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "x-apikey",
    "x-auth",
    "x-auth-token",
    "x-amz-security-token",
    "x-csrf-token",
    "x-xsrf",
    "x-session-id",
    "x-user-password",
    "private-token",
    "x-forwarded-client-cert",
    "x-goog-iap-jwt-assertion",
    "x_secret_value",
    "dpop",
  ];
  assert.deepEqual(
    secret.filter((name) => !isSecretHeader(name)),
    [],
  );
});

test("headers that hold none", () => {
  const ordinary = [
    "accept",
    "content-type",
    "date",
    "etag",
    "idempotency-key",
    "location",
    "referer",
    "user-agent",
    "x-auth-request-email",
    "x-author",
    "x-forwarded-for",
    "x-ratelimit-remaining",
    "x-request-id",
    "x-tenant",
  ];
  assert.deepEqual(ordinary.filter(isSecretHeader), []);
});
