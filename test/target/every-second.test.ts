import assert from "node:assert/strict";
import { test } from "node:test";
import { everySecond, nextSecond } from "../../src/target/every-second.ts";

test("all look at the same moment, whenever they began", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const seen: string[] = [];
  const stopFirst = everySecond(() => seen.push("first"));
  t.mock.timers.tick(600);
  const stopSecond = everySecond(() => seen.push("second"));
  t.mock.timers.tick(400);
  assert.deepEqual(seen, ["first", "second"]);
  stopFirst();
  t.mock.timers.tick(1000);
  assert.deepEqual(seen, ["first", "second", "second"]);
  stopSecond();
  t.mock.timers.tick(5000);
  assert.equal(seen.length, 3);
});

test("one may stop the others while they look, and another one begin", async () => {
  let looks = 0;
  await new Promise<void>((resolve) => {
    const stops = [everySecond(() => resolve(stopAll())), everySecond(() => looks++)];
    const stopAll = () => stops.forEach((stop) => void stop());
  });
  await nextSecond(new AbortController().signal);
  assert.equal(looks, 0);
});

test("waiting for the next second ends with the signal's reason", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const abort = new AbortController();
  const waited = nextSecond(abort.signal);
  abort.abort(new Error("stopped"));
  await assert.rejects(waited, /stopped/);
  await assert.rejects(async () => nextSecond(abort.signal), /stopped/);
  const next = nextSecond(new AbortController().signal);
  t.mock.timers.tick(1000);
  await next;
});
