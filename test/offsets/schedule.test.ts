import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { onSchedule } from "../../src/offsets/schedule.ts";

/** One minute before the time of the expression "0 3 * * *", in UTC whatever the time zone is here. */
const before = Date.parse("2026-05-01T02:59:00Z");

function clock(t: TestContext): (seconds: number) => Promise<void> {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: before });
  return async (seconds) => {
    // Second by second: a timer that is set anew must not be jumped over.
    for (let second = 0; second < seconds; second++) {
      t.mock.timers.tick(1000);
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  };
}

function zone(t: TestContext, name: string): void {
  const own = process.env.TZ;
  process.env.TZ = name;
  t.after(() => {
    if (own === undefined) delete process.env.TZ;
    else process.env.TZ = own;
  });
}

test("at once, and at each time in UTC, until the signal", async (t) => {
  zone(t, "Asia/Tokyo");
  const pass = clock(t);
  const stop = new AbortController();
  const times: string[] = [];
  const next: (string | undefined)[] = [];
  const job = async (following: Date | null) => {
    times.push(new Date().toISOString());
    next.push(following?.toISOString());
  };
  const ended = onSchedule("0 3 * * *", job, stop.signal, true);
  assert.deepEqual(times, ["2026-05-01T02:59:00.000Z"]);
  await pass(59);
  assert.equal(times.length, 1);
  await pass(1);
  assert.deepEqual(times.slice(1), ["2026-05-01T03:00:00.000Z"]);
  assert.deepEqual(next, ["2026-05-01T03:00:00.000Z", "2026-05-02T03:00:00.000Z"]);
  stop.abort();
  await ended;
  await pass(25 * 3600);
  assert.equal(times.length, 2);
});

test("never twice at the same time: what comes meanwhile is left out", async (t) => {
  const pass = clock(t);
  const stop = new AbortController();
  let [running, started, most] = [0, 0, 0];
  let finish = () => {};
  const job = async () => {
    started++;
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    running--;
  };
  const ended = onSchedule("* * * * * *", job, stop.signal, true);
  await pass(5);
  assert.deepEqual([started, most], [1, 1]);
  finish();
  await pass(3);
  assert.deepEqual([started, most], [2, 1]);
  finish();
  stop.abort();
  await ended;
});

test("a signal that was there before: not even once", async () => {
  let started = 0;
  const job = async () => {
    started++;
  };
  await onSchedule("* * * * * *", job, AbortSignal.abort(), true);
  assert.equal(started, 0);
});

test("the process is held only when it should be", () => {
  const scriptWith = (hold: boolean) => `
    import { onSchedule } from ${JSON.stringify(join(import.meta.dirname, "../../src/offsets/schedule.ts"))};
    const stop = new AbortController();
    let times = 0;
    void onSchedule("* * * * * *", async () => { if (++times === 2) { console.log("second"); stop.abort(); } }, stop.signal, ${hold});`;
  const run = (hold: boolean) =>
    spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", scriptWith(hold)], {
      encoding: "utf8",
      timeout: 60_000,
    });
  assert.equal(run(true).stdout, "second\n");
  const { status, stdout } = run(false);
  assert.deepEqual([status, stdout], [0, ""]);
});
