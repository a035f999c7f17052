import assert from "node:assert/strict";
import test from "node:test";
import { OutgoingCount } from "../../src/generated/shared.ts";
import { kernelWords } from "../../src/report/doctor-words.ts";
import {
  messageAccount,
  socketTierAccount,
  tierTexts,
  writeTierAccount,
} from "../../src/report/propagation.ts";

const on = { on: true, reason: null };
const bySocket = ["plaintext HTTP/1 requests", "gRPC calls"];
const off = { on: false, reason: "not here" };

/** What each pair of tiers carries; a tier that is null has nothing to do in the program. */
const pairs = [
  [
    on,
    on,
    /on, plaintext HTTP\/1 requests and gRPC calls carry/,
    /on, requests and gRPC calls over TLS and net\/http's HTTP\/2 carry/,
  ],
  [
    on,
    off,
    /on, plaintext HTTP\/1 requests and gRPC calls carry/,
    /off, requests and gRPC calls over TLS and net\/http's HTTP\/2 go out without/,
  ],
  [
    off,
    on,
    /off \(not here\); the write tier carries plaintext HTTP\/1 requests and gRPC calls too/,
    /on, requests and gRPC calls carry/,
  ],
  [
    off,
    off,
    /off, plaintext HTTP\/1 .* without/,
    /off, requests and gRPC calls over TLS and net\/http's HTTP\/2 go out without/,
  ],
  [null, on, undefined, /on, requests and gRPC calls carry/],
  [
    off,
    null,
    /off, plaintext HTTP\/1 requests and gRPC calls go out without trace context: not here/,
    undefined,
  ],
  [null, null, undefined, undefined],
] as const;

for (const [socket, write, socketText, writeText] of pairs)
  test(`what goes out: socket tier ${socket?.on}, write tier ${write?.on}`, () => {
    const texts = tierTexts({ socket, write, messages: null }, { bySocket, adopted: 0 });
    for (const [said, expected] of [
      [texts.socket, socketText],
      [texts.write, writeText],
    ] as const)
      if (expected) assert.match(said ?? "", expected);
      else assert.equal(said, undefined);
    const planned = tierTexts({ socket, write, messages: null }, { bySocket });
    for (const [tier, text] of [
      [socket, planned.socket],
      [write, planned.write],
    ] as const)
      if (tier?.on) assert.match(text ?? "", /would be on, .*would carry/);
  });

test("messages share the write tier's line where they fare as requests do", () => {
  const words = { bySocket, adopted: 0 };
  const together = tierTexts({ socket: on, write: off, messages: off }, words);
  assert.match(
    together.write ?? "",
    /off, requests and gRPC calls over TLS, net\/http's HTTP\/2 and Kafka messages go out without trace context: not here/,
  );
  assert.equal(together.messages, undefined);
  const alone = tierTexts({ socket: null, write: on, messages: on }, words);
  assert.match(alone.write ?? "", /on, requests, gRPC calls and Kafka messages carry/);
  const apart = tierTexts({ socket: on, write: on, messages: off }, words);
  assert.match(
    apart.messages ?? "",
    /write tier: off, Kafka messages go out without trace context: not here/,
  );
  assert.doesNotMatch(apart.write ?? "", /messages/);
  const only = tierTexts({ socket: null, write: null, messages: on }, { bySocket: [] });
  assert.match(only.messages ?? "", /would be on, Kafka messages would carry/);
});

test("doctor says what goes on working by the other tier", () => {
  assert.match(kernelWords.socketTier(true).no("x").works ?? "", /by the write tier/);
  assert.equal(kernelWords.socketTier(false).no("x").works, "spans");
  assert.match(kernelWords.writeTier(true).no("x").works ?? "", /plaintext HTTP\/1/);
  assert.equal(kernelWords.writeTier(false).no("x").works, "spans");
  assert.match(kernelWords.writeTier(true).yes, /^requests and gRPC calls over TLS/);
  assert.match(kernelWords.writeTier(false).yes, /^all requests/);
});

const none = Object.fromEntries(Object.keys(OutgoingCount).map((name) => [name, 0])) as Record<
  keyof typeof OutgoingCount,
  number
>;

test("a tier's account names its process, and is left out when nothing was seen", () => {
  for (const account of [socketTierAccount, writeTierAccount]) assert.equal(account(7, none), undefined);
  assert.equal(
    socketTierAccount(7, { ...none, written: 1, ownHeader: 2 }),
    "process 7, socket tier: 1 request carried trace context; 2 have a trace header of their own",
  );
  assert.match(
    writeTierAccount(7, { ...none, unreadable: 1 }) ?? "",
    /^process 7, write tier: 0 requests .*; 1 could not be read$/,
  );
  assert.equal(
    messageAccount(7, { ...none, written: 2, noRoom: 1 }),
    "process 7, write tier: 2 messages carried trace context; 1 found no free place for headers",
  );
});
