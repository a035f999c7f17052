import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { type TestContext } from "node:test";
import {
  AddressKind,
  GrpcServerCall,
} from "../../../../../src/generated/libraries/google.golang.org/grpc/server.ts";
import { maxAuthority, toSpan } from "../../../../../src/libraries/google.golang.org/grpc/server/to-span.ts";
import { factsWith, recordOf } from "../../../support/records.ts";

const local = { localKind: AddressKind.ip4, localIp: "0a000007".padEnd(32, "0"), localPort: 8443 };

function serverOf(t: TestContext, authority: string) {
  const record = recordOf(t, GrpcServerCall, { method: "/shop.v1.Shop/Get", authority, ...local });
  const { attributes } = toSpan(record, factsWith());
  return [attributes["server.address"], attributes["server.port"]];
}

test("the authority that a client has sent, without its user", (t) => {
  assert.deepEqual(serverOf(t, "shop.example:443"), ["shop.example", 443]);
  assert.deepEqual(serverOf(t, "shop.example"), ["shop.example", 8443]);
  assert.deepEqual(serverOf(t, "alice:s3cret@shop.example:443"), ["shop.example", 443]);
  assert.deepEqual(serverOf(t, "alice:s3cret@"), ["10.0.0.7", 8443]);
});

test("an authority that may be cut names nobody", (t) => {
  const header = new URL(
    "../../../../../ebpf/libraries/google.golang.org/grpc/server/server.h",
    import.meta.url,
  );
  assert.match(readFileSync(header, "utf8"), new RegExp(`^#define MAX_AUTHORITY_TEXT ${maxAuthority}$`, "m"));
  assert.deepEqual(serverOf(t, `alice:${"s3cret".repeat(30)}`.slice(0, maxAuthority)), ["10.0.0.7", 8443]);
});
