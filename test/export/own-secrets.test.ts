import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { withoutSecrets } from "../../src/export/own-secrets.ts";

describe("secrets of our own in texts of others", () => {
  test("headers' values, with and without their scheme; ordinary words stay", () => {
    const clean = withoutSecrets({
      endpoint: "http://collector:4318",
      headers: { authorization: "Bearer 5f2c9a11bb", "x-tenant": "blue", "api-key": "k$&.*12345" },
    });
    assert.equal(
      clean("blue: Bearer 5f2c9a11bb, 5f2c9a11bb, k$&.*12345: no Bearer"),
      "blue: REDACTED, REDACTED, REDACTED: no Bearer",
    );
  });

  test("the URL's user and password, in each of their forms", () => {
    const clean = withoutSecrets({ endpoint: "http://me:se%2Fcret99@collector:4318", headers: {} });
    const sent = Buffer.from("me:se/cret99").toString("base64");
    assert.equal(
      clean(`me: Basic ${sent}, se/cret99, se%2Fcret99`),
      "me: Basic REDACTED, REDACTED, REDACTED",
    );
  });
});
