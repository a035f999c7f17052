import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { mayBeCut, room, wholeParts } from "../../../../../src/libraries/net/http/server/room.ts";

test("the room for texts is that of the BPF programs", () => {
  const header = new URL("../../../../../ebpf/libraries/net/http/server/server.h", import.meta.url);
  const source = readFileSync(header, "utf8");
  for (const [name, bytes] of Object.entries(room))
    assert.match(source, new RegExp(`^#define MAX_${name.toUpperCase()} ${bytes}$`, "m"));
});

test("a text that fills its room may be cut", () => {
  assert.equal(mayBeCut("a".repeat(127), 128), false);
  assert.equal(mayBeCut("a".repeat(128), 128), true);
  assert.equal(mayBeCut("é".repeat(64), 128), true);
});

test("the last part of a list that may be cut is left out", () => {
  const long = `proto=https;host=${"a".repeat(36)};for=192.0.2.1`;
  assert.equal(wholeParts("for=192.0.2.1;by=1", 64, /[;,]/), "for=192.0.2.1;by=1");
  assert.doesNotMatch(wholeParts(long.padEnd(64, "1").slice(0, 64), 64, /[;,]/), /for=/);
  assert.equal(wholeParts("1".repeat(64), 64, /,/), "");
});
