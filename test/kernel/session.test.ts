import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  addon,
  type BpfMap,
  type KernelFeatures,
  KernelSession,
  type ObjectPlan,
  probeKernel,
} from "../../src/kernel/index.ts";
import { KernelRefusal } from "../../src/report/kernel.ts";
import { compileProbe, readRecords } from "./support/object.ts";
import { Target } from "./support/target.ts";

const mark = 0x1122334455667788n;

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

function mapOf(session: KernelSession, name: string): BpfMap {
  const map = session.map(name);
  if (map === undefined) throw new Error(`no map ${name}: ${JSON.stringify(session.statuses)}`);
  return map;
}

/** Value of a per-CPU counter, all CPUs together. */
function counter(session: KernelSession, index: number): number {
  const values = mapOf(session, "counters").lookup(Buffer.from([index, 0, 0, 0])) ?? Buffer.of();
  let sum = 0n;
  for (let at = 0; at < values.length; at += 8) sum += values.readBigUInt64LE(at);
  return Number(sum);
}

describe("session", () => {
  let target: Target;
  let bytes: Buffer;
  let features: KernelFeatures;

  before(async () => {
    [target, bytes, features] = [await Target.run(), compileProbe(), probeKernel()];
  });
  after(() => target.stop());

  function object(name: string, program: string, fileOffset: number): ObjectPlan {
    return {
      name,
      bytes,
      globals: new Map([["mark", u64(mark)]]),
      maxEntries: new Map([["events", 1 << 20]]),
      programs: [{ program, sites: [{ fileOffset }] }],
    };
  }

  function open(objects: readonly ObjectPlan[], uprobeMulti = features.uprobeMulti): KernelSession {
    const plan = { pid: target.pid, exe: target.exe, objects, sharedMaps: ["events", "counters"] };
    return new KernelSession(plan, { ...features, uprobeMulti });
  }

  const startAndEnd = () => [
    object("ends", "on_end", target.end),
    object("starts", "on_start", target.start),
  ];

  test("an object that older kernels are spared is not loaded there", () => {
    const old = { ...features, release: "5.9.16-generic" };
    const plan = (oldestKernel: readonly [number, number]): ObjectPlan => ({
      ...object("spared", "on_end", target.end),
      oldestKernel,
    });
    const objects = [plan([5, 10]), plan([5, 9]), plan([4, 19])];
    const session = new KernelSession(
      { pid: target.pid, exe: target.exe, objects, sharedMaps: ["events", "counters"] },
      old,
    );
    const [refused, ...taken] = session.statuses;
    assert.ok(
      refused && !refused.attached && /spared needs Linux 5\.10 or later/.test(refused.error.message),
    );
    assert.ok(taken.every(({ attached }) => attached));
    session.close();
  });

  for (const uprobeMulti of [true, false]) {
    test(`each call is counted and sent whole, uprobe_multi ${uprobeMulti}`, async (context) => {
      if (uprobeMulti && !features.uprobeMulti) return context.skip("no uprobe_multi here");
      const session = open(startAndEnd(), uprobeMulti);
      try {
        assert.deepEqual(session.statuses, [
          { name: "ends", attached: true, sites: 1 },
          { name: "starts", attached: true, sites: 1 },
        ]);
        const reader = new (addon().RingReader)(mapOf(session, "events"));
        await target.call(2000);
        assert.equal(counter(session, 1), 2000);
        assert.equal(counter(session, 2), 2000);
        assert.equal(counter(session, 0), 0);

        const buffer = Buffer.alloc(1 << 20);
        const { bytes: filled, more } = reader.drain(buffer);
        assert.equal(more, false);
        const records = readRecords(buffer.subarray(0, filled));
        for (const which of [1, 2]) {
          const calls = records.filter((record) => record.which === which).map(({ argument }) => argument);
          assert.deepEqual(
            calls.sort((a, b) => a - b),
            [...Array(2000).keys()],
          );
        }
        assert.ok(records.every((record) => record.mark === mark));
        assert.equal(reader.pending(), 0);
        reader.close();
      } finally {
        session.close();
      }
    });
  }

  test("another process of the same executable is left alone", async () => {
    const other = await Target.run();
    try {
      for (const uprobeMulti of [features.uprobeMulti, false]) {
        const session = open(startAndEnd(), uprobeMulti);
        try {
          await other.call(100);
          await target.call(30);
          assert.equal(counter(session, 1), 30);
          assert.notEqual(target.codeInMemory(), target.codeInFile());
          assert.equal(other.codeInMemory(), other.codeInFile());
        } finally {
          session.close();
        }
      }
    } finally {
      await other.stop();
    }
  });

  test("closing takes every breakpoint away", async () => {
    const session = open(startAndEnd());
    assert.notEqual(target.codeInMemory(), target.codeInFile());
    session.close();
    assert.equal(target.codeInMemory(), target.codeInFile());
    assert.equal(session.map("events"), undefined);
    await target.call(10);
  });

  test("an object that the verifier refuses doesn't stop the others", async () => {
    const session = open([object("bad", "refused", target.start), object("good", "on_end", target.end)]);
    try {
      const [bad, good] = session.statuses;
      assert.deepEqual(good, { name: "good", attached: true, sites: 1 });
      assert.ok(bad?.attached === false && bad.error instanceof KernelRefusal);
      assert.match(
        bad.error.explanation.why ?? "",
        /^refused: permission denied \(EACCES\), R\d invalid mem access '(scalar|inv)'$/,
      );
      assert.match(bad.error.verifierLog, /invalid mem access/);
      assert.equal(target.codeInMemory(), target.codeInFile());
      await target.call(100);
      assert.equal(counter(session, 2), 100);
    } finally {
      session.close();
    }
  });

  test("a bad site, variable, value size or program is said, and leaves nothing attached", () => {
    const plan = object("starts", "on_start", target.start);
    const refusals: [ObjectPlan, RegExp][] = [
      [
        {
          ...plan,
          programs: [{ program: "on_start", sites: [{ fileOffset: target.start }, { fileOffset: 1 << 30 }] }],
        },
        /on_start: invalid argument \(EINVAL\)/,
      ],
      [{ ...plan, globals: new Map([["nowhere", u64(0n)]]) }, /no global variable nowhere/],
      [{ ...plan, globals: new Map([["mark", Buffer.alloc(4)]]) }, /mark has 8 bytes, not 4/],
      [{ ...plan, programs: [{ program: "nowhere", sites: [{ fileOffset: 0 }] }] }, /no program nowhere/],
      [{ ...plan, bytes: bytes.subarray(0, 200) }, /open BPF object starts/],
    ];
    for (const [refused, why] of refusals) {
      for (const uprobeMulti of [features.uprobeMulti, false]) {
        const session = open([refused], uprobeMulti);
        const [status] = session.statuses;
        assert.ok(status?.attached === false);
        assert.match(status.error.explanation.why ?? "", why);
        assert.equal(target.codeInMemory(), target.codeInFile());
        session.close();
      }
    }
  });

  test("a process that isn't there is said", () => {
    const plan = { pid: 2 ** 22 - 1, exe: target.path, objects: startAndEnd(), sharedMaps: [] };
    for (const status of new KernelSession(plan, features).statuses) {
      assert.ok(status.attached === false);
      assert.match(status.error.explanation.why ?? "", /the process has ended/);
      assert.equal(status.error.exitCode, 3);
    }
  });

  test("keys of a hash map, its look-ups and deletions", async () => {
    const session = new KernelSession(
      { pid: target.pid, exe: target.exe, objects: startAndEnd(), sharedMaps: ["seen"] },
      features,
    );
    try {
      const seen = mapOf(session, "seen");
      await target.call(40);
      const keys = seen.keys(1000);
      assert.deepEqual(
        keys.map((key) => key.readUInt32LE()).sort((a, b) => a - b),
        [...Array(40).keys()],
      );
      assert.equal(seen.keys(7).length, 7);
      const [key] = keys;
      assert.ok(key);
      assert.equal(seen.lookup(key)?.readBigUInt64LE(), BigInt(key.readUInt32LE()));
      assert.equal(seen.delete(key), true);
      assert.equal(seen.delete(key), false);
      assert.equal(seen.lookup(key), undefined);
      assert.equal(session.map("events"), undefined);
    } finally {
      session.close();
    }
  });

  test("maps hold what the plan says before anything is attached, and outlive the probes", async () => {
    const key = Buffer.from([63, 0, 0, 0]);
    const session = new KernelSession(
      {
        pid: target.pid,
        exe: target.exe,
        objects: startAndEnd(),
        sharedMaps: ["seen", "counters"],
        mapEntries: new Map([["seen", [{ key, value: u64(mark) }]]]),
      },
      features,
    );
    try {
      assert.equal(mapOf(session, "seen").lookup(key)?.readBigUInt64LE(), mark);
      await target.call(5);
      session.detach();
      assert.equal(target.codeInMemory(), target.codeInFile());
      await target.call(5);
      assert.equal(counter(session, 1), 5);
    } finally {
      session.close();
    }
  });

  test("keys, values and maps of a wrong size or kind are refused", () => {
    const session = open(startAndEnd());
    try {
      const [counters, events] = [mapOf(session, "counters"), mapOf(session, "events")];
      assert.throws(() => counters.lookup(Buffer.alloc(3)), /map key has 3 bytes, not 4/);
      assert.throws(() => counters.delete(Buffer.alloc(5)), /map key has 5 bytes, not 4/);
      assert.throws(() => counters.update(Buffer.alloc(4), Buffer.alloc(7)), /map value has 7 bytes, not/);
      assert.throws(() => new (addon().RingReader)(counters), /not a ring buffer/);
      assert.throws(() => events.lookup(Buffer.alloc(0)), /look up in map events: /);
    } finally {
      session.close();
    }
  });

  test("the kernel counts runs while statistics are open", async () => {
    const session = open(startAndEnd());
    const stats = new (addon().RunStats)();
    try {
      await target.call(500);
      const runs = session.runStats().map(({ object: name, program, runs }) => [name, program, runs]);
      assert.deepEqual(runs, [
        ["ends", "on_end", 500n],
        ["starts", "on_start", 500n],
      ]);
      assert.ok(session.runStats().every(({ nanoseconds }) => nanoseconds > 0n));
    } finally {
      stats.close();
      session.close();
    }
  });
});
