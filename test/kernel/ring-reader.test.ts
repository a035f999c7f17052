import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setImmediate, setTimeout } from "node:timers/promises";
import { addon, type BpfMap, KernelSession, probeKernel, type RingReader } from "../../src/kernel/index.ts";
import { compileProbe, type ProbeRecord, readRecords } from "./support/object.ts";
import { Target } from "./support/target.ts";

describe("ring reader", () => {
  let target: Target;
  let bytes: Buffer;

  before(async () => {
    [target, bytes] = [await Target.run(), compileProbe()];
  });
  after(() => target.stop());

  /** Runs `body` with one program attached that sends a record at each call of main.start. */
  async function withReader(
    options: { readonly ringBytes: number; readonly wakeupEvery?: number },
    body: (reader: RingReader, lost: () => number, events: BpfMap) => Promise<void>,
  ): Promise<void> {
    const wakeup = Buffer.alloc(4);
    wakeup.writeUInt32LE(options.wakeupEvery ?? 0);
    const object = {
      name: "ring",
      bytes,
      globals: new Map([["wakeup_every", wakeup]]),
      maxEntries: new Map([["events", options.ringBytes]]),
      programs: [{ program: "on_start", sites: [{ fileOffset: target.start }] }],
    };
    const plan = { pid: target.pid, exe: target.exe, objects: [object], sharedMaps: ["events", "counters"] };
    const session = new KernelSession(plan, probeKernel());
    const [events, counters] = [session.map("events"), session.map("counters")];
    if (events === undefined || counters === undefined) throw new Error(JSON.stringify(session.statuses));
    const reader = new (addon().RingReader)(events);
    const lost = () => {
      const values = counters.lookup(Buffer.alloc(4)) ?? Buffer.of();
      let sum = 0;
      for (let at = 0; at < values.length; at += 8) sum += Number(values.readBigUInt64LE(at));
      return sum;
    };
    try {
      await body(reader, lost, events);
    } finally {
      reader.close();
      session.close();
    }
  }

  /** Everything in the ring, through a buffer of `size` bytes. */
  function drainAll(reader: RingReader, size: number): ProbeRecord[] {
    const records: ProbeRecord[] = [];
    const buffer = Buffer.alloc(size, 0xff);
    for (;;) {
      const { bytes: filled, more } = reader.drain(buffer);
      records.push(...readRecords(buffer.subarray(0, filled)));
      if (!more) return records;
    }
  }

  test("records that run over the ring's end come out whole", async () => {
    await withReader({ ringBytes: 4096 }, async (reader, lost) => {
      // 25 calls take about 3 KiB of the ring of 4, so each round crosses its end at another place.
      for (let round = 0; round < 200; round++) {
        await target.call(25);
        const calls = drainAll(reader, 512).map(({ argument }) => argument);
        assert.deepEqual(
          calls.sort((a, b) => a - b),
          [...Array(25).keys()],
        );
      }
      assert.equal(lost(), 0);
    });
  });

  test("a full ring refuses new records, keeps the old ones, and works again when drained", async () => {
    await withReader({ ringBytes: 4096 }, async (reader, lost) => {
      await target.call(1000);
      const first = drainAll(reader, 4096);
      assert.ok(lost() > 0, "some must be lost");
      assert.equal(first.length + lost(), 1000);
      const lostBefore = lost();
      await target.call(20);
      assert.equal(drainAll(reader, 4096).length, 20);
      assert.equal(lost(), lostBefore);
    });
  });

  test("a buffer smaller than one record is an error, and the record stays", async () => {
    await withReader({ ringBytes: 4096 }, async (reader) => {
      await target.call(1);
      assert.throws(() => reader.drain(Buffer.alloc(31)), /smaller than one record/);
      assert.equal(reader.pending(), 32);
      assert.deepEqual(reader.drain(Buffer.alloc(32)), { bytes: 32, more: false });
    });
  });

  test("a drain takes what is there and no more, while the target goes on", async () => {
    // Larger than the part of a ring that is mapped at once.
    await withReader({ ringBytes: 1 << 19 }, async (reader, lost) => {
      const calls = 200_000;
      const finished = target.call(calls).then(() => true);
      let count = 0;
      while (!(await Promise.race([finished, setImmediate(false)])))
        count += drainAll(reader, 1 << 17).length;
      count += drainAll(reader, 1 << 17).length;
      assert.equal(count + lost(), calls);
    });
  });

  test("the callback runs for wake-ups alone, and not again while records wait", async () => {
    await withReader({ ringBytes: 1 << 16, wakeupEvery: 100 }, async (reader) => {
      let calls = 0;
      const first = new Promise<void>((resolve) => {
        reader.onReady(() => {
          calls++;
          resolve();
        });
      });
      await target.call(1); // argument 0 wakes
      await first;
      // Level-triggered polling would call again in each turn of the loop, as the record still waits.
      for (let turn = 0; turn < 50; turn++) await setTimeout(1);
      assert.equal(calls, 1);
      assert.equal(drainAll(reader, 4096).length, 1);
    });
  });

  test("records without a wake-up don't call back", async () => {
    await withReader({ ringBytes: 1 << 16 }, async (reader) => {
      let calls = 0;
      reader.onReady(() => calls++);
      await target.call(100);
      for (let turn = 0; turn < 20; turn++) await setTimeout(1);
      assert.equal(calls, 0);
      assert.equal(drainAll(reader, 1 << 16).length, 100);
    });
  });

  test("a closed reader says so", async () => {
    await withReader({ ringBytes: 4096 }, async (reader) => {
      reader.onReady(() => {});
      reader.close();
      assert.throws(() => reader.drain(Buffer.alloc(64)), /closed/);
      assert.throws(() => reader.pending(), /closed/);
      reader.close();
    });
  });
});
