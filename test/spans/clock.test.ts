import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock, type ClockPair } from "../../src/spans/clock.ts";

const second = 1_000_000_000n;

function pair({ realtime, monotonic }: { realtime: bigint; monotonic: bigint }): ClockPair {
  return {
    realtimeSeconds: Number(realtime / second),
    realtimeNanos: Number(realtime % second),
    monotonicSeconds: Number(monotonic / second),
    monotonicNanos: Number(monotonic % second),
  };
}

function nanoseconds([seconds, rest]: readonly [number, number]): bigint {
  assert.ok(rest >= 0 && rest < 1e9, `${rest} ns`);
  return BigInt(seconds) * second + BigInt(rest);
}

test("stamps get the distance of the clocks, to the nanosecond", () => {
  const realtime = 1_790_000_000n * second + 999_999_999n;
  const pairs = [1n, 999_999_999n, second, 5n * second + 1n, 86_400n * second * 103n + 123_456_789n];
  for (const monotonic of pairs) {
    const clock = new Clock(pair({ realtime, monotonic }));
    for (const stamp of [...pairs, 0n, 1234n, monotonic - 1n, monotonic + 1n]) {
      assert.equal(nanoseconds(clock.toHrTime(Number(stamp))), realtime - monotonic + stamp);
    }
  }
});

test("a stamp that was made at the moment of the reading is that moment", () => {
  const clock = new Clock(pair({ realtime: 1_790_000_000_123_456_789n, monotonic: 42_000_000_001n }));
  assert.deepEqual(clock.toHrTime(42_000_000_001), [1_790_000_000, 123_456_789]);
});

test("a refresh moves later stamps: after a suspend, or when the time was set", () => {
  const clock = new Clock(pair({ realtime: 1_000n * second, monotonic: 10n * second }));
  clock.refresh(pair({ realtime: 4_600n * second + 7n, monotonic: 11n * second }));
  assert.deepEqual(clock.toHrTime(11e9), [4600, 7]);
  clock.refresh(pair({ realtime: 5n * second, monotonic: 11n * second })); // a host without a clock, before NTP
  assert.deepEqual(clock.toHrTime(12e9), [6, 0]);
});

test("after years of uptime: rounded as the number itself, order kept", () => {
  const clock = new Clock(pair({ realtime: 1_790_000_000n * second, monotonic: 0n }));
  const year = 365 * 86_400 * 1e9;
  let before = 0n;
  for (let i = 0; i < 100; i++) {
    const now = nanoseconds(clock.toHrTime(3 * year + i * 777));
    assert.ok(now >= before);
    const exact = 1_790_000_000n * second + BigInt(3 * year + i * 777);
    assert.ok(now - exact <= 16n && exact - now <= 16n, `${now - exact} ns off`);
    before = now;
  }
});
