import assert from "node:assert/strict";
import test from "node:test";
import { HeaderSet } from "../../src/generated/shared.ts";
import { wantedHeaderEntries } from "../../src/session/captured-headers.ts";

const none = { serverRequest: [], serverResponse: [], clientRequest: [], clientResponse: [] };

test("each set has its entry, also an empty one", () => {
  const entries = wantedHeaderEntries({ ...none, clientRequest: ["x-id"] });
  assert.deepEqual(
    entries.map(({ key }) => key.readUInt32LE()),
    Object.values(HeaderSet),
  );
  const lengths = entries.map(({ value }) => value.readBigUInt64LE());
  assert.deepEqual(lengths, [0n, 0n, 1n << 3n, 0n]);
});

test("names are written as the kernel compares them; secret ones are marked", () => {
  const [entry] = wantedHeaderEntries({ ...none, serverRequest: ["x_id", "authorization", "y".repeat(64)] });
  const value = entry?.value ?? Buffer.alloc(0);
  assert.equal(value.readBigUInt64LE(), (1n << 3n) | (1n << 12n) | (1n << 63n));
  assert.deepEqual([...value.subarray(8, 16)], [4, 13, 64, 0, 0, 0, 0, 0]);
  assert.equal(value.readUInt8(16), 0b010);
  assert.equal(value.toString("latin1", 24, 24 + 64), `x\x7fid${" ".repeat(60)}`);
  assert.equal(value.toString("latin1", 24 + 128, 24 + 192), "y".repeat(64));
});
