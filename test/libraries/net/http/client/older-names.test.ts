import assert from "node:assert/strict";
import test from "node:test";
import { olderNames } from "../../../../../src/libraries/net/http/client/older-names.ts";

test("attributes under the names that they had before", () => {
  assert.deepEqual(
    olderNames({
      "http.request.method": "POST",
      "http.request.resend_count": 1,
      "http.request.body.size": 5,
      "http.response.status_code": 404,
      "http.response.body.size": 2,
      "url.full": "http://shop.example:81/a",
      "server.address": "shop.example",
      "server.port": 81,
      "network.protocol.version": "1.1",
      "error.type": "404",
    }),
    {
      "http.method": "POST",
      "http.resend_count": 1,
      "http.request_content_length": 5,
      "http.status_code": 404,
      "http.response_content_length": 2,
      "http.url": "http://shop.example:81/a",
      "net.peer.name": "shop.example",
      "net.peer.port": 81,
      "net.protocol.version": "1.1",
    },
  );
});
