import assert from "node:assert/strict";
import { test } from "node:test";
import { heldFor, missingCapabilities, parseCapabilities } from "../../src/target/capabilities.ts";

test("capabilities come out of the mask of /proc/PID/status", () => {
  assert.deepEqual([...parseCapabilities("0000000000000000")], []);
  assert.deepEqual([...parseCapabilities("000000c000080000")], ["CAP_SYS_PTRACE", "CAP_PERFMON", "CAP_BPF"]);
  assert.deepEqual([...parseCapabilities("")], []);
  assert.deepEqual([...parseCapabilities("no mask")], []);
});

test("CAP_SYS_ADMIN stands for CAP_BPF and CAP_PERFMON, not for CAP_SYS_PTRACE", () => {
  const wanted = ["CAP_BPF", "CAP_PERFMON", "CAP_SYS_PTRACE"] as const;
  assert.deepEqual(missingCapabilities(wanted, new Set(["CAP_SYS_ADMIN"])), ["CAP_SYS_PTRACE"]);
  assert.deepEqual(missingCapabilities(wanted, new Set(["CAP_BPF"])), ["CAP_PERFMON", "CAP_SYS_PTRACE"]);
});

test("CAP_DAC_OVERRIDE, which root in a Docker container holds, reads what is closed to others", () => {
  assert.equal(heldFor("CAP_DAC_READ_SEARCH", new Set(["CAP_DAC_OVERRIDE"])), "CAP_DAC_OVERRIDE");
  assert.equal(heldFor("CAP_DAC_OVERRIDE", new Set(["CAP_DAC_READ_SEARCH"])), undefined);
});
