// With exactly these capabilities the agent works; without any one of them it says which, and what is lost.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import type { Capability } from "../../src/target/capabilities.ts";
import {
  agentUser,
  groundHere,
  LeastPrivilege,
  leftOpenConnectionsAlone,
  type Outcome,
  otherUser,
  requests,
  root,
} from "./support/least.ts";

const ground = groundHere();
const perfEventParanoid = "/proc/sys/kernel/perf_event_paranoid";

/** For spans of the agent's own user's processes. */
const spans: readonly Capability[] = [
  "CAP_BPF",
  "CAP_PERFMON",
  ...(ground.uprobeMulti ? [] : (["CAP_SYS_ADMIN"] as const)),
  ...(ground.lockedMemory ? (["CAP_SYS_RESOURCE"] as const) : []),
];
const all: readonly Capability[] = [...spans, "CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH", "CAP_NET_ADMIN"];
const without = (name: Capability) => all.filter((each) => each !== name);

describe("capabilities", () => {
  const least = new LeastPrivilege();

  before(() => least.prepare());
  after(() => least.end());

  function traces({ code, stderr, ...outcome }: Outcome, ...named: Capability[]): void {
    assert.equal(code, 0, stderr);
    assert.equal(outcome.spans, 4 * requests, stderr);
    assert.deepEqual(outcome.named, named, stderr);
  }

  function works(outcome: Outcome, ...named: Capability[]): void {
    traces(outcome, ...named);
    assert.match(outcome.writeTier, writeTierOf(spans), outcome.stderr);
  }

  function carries(outcome: Outcome): void {
    assert.equal(outcome.carried, 3 * requests, outcome.stderr);
    assert.ok(outcome.adopted > 0, outcome.stderr);
  }

  function refused({ code, stderr, named }: Outcome, ...expected: Capability[]): void {
    assert.equal(code, 4, stderr);
    assert.deepEqual(named, expected, stderr);
    assert.match(stderr, /next: .*CAP_/);
  }

  test("with those for spans: a process of the agent's own user", async () => {
    const outcome = await least.trace(await least.target(agentUser), agentUser, spans);
    works(outcome, "CAP_NET_ADMIN");
    assert.equal(outcome.carried, undefined);
    assert.match(outcome.stdout, /told-by-target/);
  });

  test("with CAP_NET_ADMIN besides: its requests carry trace context, open connections included", async () => {
    const outcome = await least.trace(await least.target(agentUser), agentUser, [...spans, "CAP_NET_ADMIN"]);
    works(outcome);
    carries(outcome);
  });

  for (const [whose, user] of [
    ["another user's", otherUser],
    ["root's", root],
  ] as const)
    test(`with all: ${whose} process, whose executable is closed to others`, async () => {
      const outcome = await least.trace(await least.target(user, "owner"), agentUser, all);
      works(outcome);
      carries(outcome);
      assert.match(outcome.stdout, /told-by-target/);
    });

  test("with all, as root that holds no others", async () => {
    const outcome = await least.trace(await least.target(otherUser), root, all);
    works(outcome);
    carries(outcome);
  });

  for (const name of ["CAP_BPF", "CAP_PERFMON"] as const)
    test(`without ${name}: refused, or CAP_SYS_ADMIN does`, async () => {
      const outcome = await least.trace(await least.target(otherUser), agentUser, without(name));
      if (all.includes("CAP_SYS_ADMIN")) works(outcome);
      else refused(outcome, name);
    });

  test("without CAP_SYS_PTRACE: refused", async () => {
    refused(
      await least.trace(await least.target(otherUser), agentUser, without("CAP_SYS_PTRACE")),
      "CAP_SYS_PTRACE",
    );
  });

  test("without CAP_DAC_READ_SEARCH: refused when the executable is closed to others", async () => {
    const target = await least.target(otherUser, "owner");
    refused(await least.trace(target, agentUser, without("CAP_DAC_READ_SEARCH")), "CAP_DAC_READ_SEARCH");
  });

  test("without CAP_DAC_READ_SEARCH: else no environment, no connections that were open", async () => {
    const target = await least.target(otherUser);
    const outcome = await least.trace(target, agentUser, without("CAP_DAC_READ_SEARCH"));
    works(outcome, "CAP_DAC_READ_SEARCH");
    assert.match(outcome.stderr, /environment can't be read.*CAP_DAC_READ_SEARCH is missing/);
    assert.match(outcome.stderr, /connections that were open before .*CAP_DAC_READ_SEARCH is missing/);
    assert.doesNotMatch(outcome.stdout, /told-by-target/);
    leftOpenConnectionsAlone(outcome);
  });

  test("without CAP_NET_ADMIN: no socket tier", async () => {
    const outcome = await least.trace(await least.target(otherUser), agentUser, without("CAP_NET_ADMIN"));
    works(outcome, "CAP_NET_ADMIN");
    assert.match(outcome.stderr, /socket tier: off.*CAP_NET_ADMIN is missing/);
  });

  test("without CAP_SYS_ADMIN: refused where probes are perf events", {
    skip: ground.uprobeMulti,
  }, async () => {
    const target = await least.target(agentUser);
    const outcome = await least.trace(target, agentUser, without("CAP_SYS_ADMIN"));
    refused(outcome, "CAP_SYS_ADMIN");
  });

  test("without CAP_SYS_ADMIN: a setting lets perf events through, but not where CVE-2025-38466 is mended", {
    skip: ground.uprobeMulti,
  }, async () => {
    const before = readFileSync(perfEventParanoid);
    writeFileSync(perfEventParanoid, "2");
    try {
      const held = spans.filter((name) => name !== "CAP_SYS_ADMIN");
      const outcome = await least.trace(await least.target(agentUser), agentUser, held);
      // Of the kernels that this is run on, the one that counts locked memory lacks that mending.
      if (ground.lockedMemory) return traces(outcome, "CAP_NET_ADMIN");
      refused(outcome, "CAP_SYS_ADMIN");
      assert.match(outcome.stderr, /has the fix of CVE-2025-38466/);
    } finally {
      writeFileSync(perfEventParanoid, before);
    }
  });

  test("with CAP_SYS_ADMIN in place of CAP_BPF and CAP_PERFMON", async () => {
    const smaller: readonly Capability[] = ["CAP_BPF", "CAP_PERFMON"];
    const held = [...new Set<Capability>([...spans, "CAP_SYS_ADMIN"])].filter(
      (name) => !smaller.includes(name),
    );
    const outcome = await least.trace(await least.target(agentUser), agentUser, held);
    // Older kernels want CAP_NET_ADMIN itself for maps of sockets.
    traces(outcome, ...(ground.uprobeMulti ? [] : (["CAP_NET_ADMIN"] as const)));
  });

  test("without CAP_SYS_RESOURCE: refused where maps are locked memory", {
    skip: !ground.lockedMemory,
  }, async () => {
    const target = await least.target(agentUser);
    const outcome = await least.trace(target, agentUser, without("CAP_SYS_RESOURCE"), {
      wrapper: ["prlimit", "--memlock=65536"],
    });
    refused(outcome, "CAP_SYS_RESOURCE");
    assert.match(outcome.stderr, /only 65,536 bytes of memory may be locked/);
  });

  test("with CAP_SYS_ADMIN: the write tier, unless the kernel is locked down", async () => {
    const held: readonly Capability[] = [...without("CAP_SYS_ADMIN"), "CAP_SYS_ADMIN"];
    const outcome = await least.trace(await least.target(otherUser), agentUser, held);
    carries(outcome);
    assert.match(outcome.writeTier, writeTierOf(held), outcome.stderr);
  });

  test("with none: both that BPF takes are named, and what attaching takes besides", async () => {
    const outcome = await least.trace(await least.target(agentUser), agentUser, []);
    const attaching: readonly Capability[] = ground.uprobeMulti ? [] : ["CAP_SYS_ADMIN"];
    refused(outcome, "CAP_BPF", "CAP_PERFMON", ...attaching);
  });
});

function writeTierOf(held: readonly Capability[]): RegExp {
  if (!held.includes("CAP_SYS_ADMIN")) return /write tier: off.*(CAP_SYS_ADMIN is missing|is locked down \()/;
  return ground.writeAllowed ? /write tier: on/ : /write tier: off.*locked down/;
}
