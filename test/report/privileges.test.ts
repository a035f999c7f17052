import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type CapabilityUse, capabilityUses } from "../../src/report/capabilities.ts";

const repository = join(import.meta.dirname, "../..");
const page = readFileSync(join(repository, "docs/privileges.md"), "utf8");
const uses: readonly [string, CapabilityUse][] = Object.entries(capabilityUses);

for (const [name, { allows, without, only }] of uses)
  test(`docs/privileges.md says of ${name} what doctor says`, () => {
    const cells = [name, allows, without ?? "nothing", only ?? ""];
    const row = `| ${cells.join(" | ")} |`.replace("|  |", "| |");
    assert.ok(page.includes(`\n${row}\n`), row);
  });

/** The five that all files in deploy/ give. */
const five = uses.filter(([, { only }]) => only === undefined).map(([name]) => name.replace("CAP_", ""));

test("the commands on the page give the capabilities that are of use everywhere, and no others", () => {
  const commands = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
  const [setpriv = "", docker = ""] = commands;
  const ambient = /--ambient-caps=-all,(\S+)/.exec(setpriv)?.[1]?.split(",") ?? [];
  assert.deepEqual(ambient.map((word) => word.replace("+", "").toUpperCase()).sort(), [...five].sort());
  const added = [...docker.matchAll(/--cap-add (\S+)/g)].map(([, name]) => name);
  assert.deepEqual(added.sort(), [...five].sort());
});

test("deploy/seccomp.json names each system call once, and none that changes other processes or mounts", () => {
  const { syscalls } = JSON.parse(readFileSync(join(repository, "deploy/seccomp.json"), "utf8"));
  const names: readonly string[] = syscalls.flatMap(({ names }: { names: readonly string[] }) => names);
  assert.equal(new Set(names).size, names.length);
  for (const call of ["bpf", "perf_event_open", "pidfd_open", "pidfd_getfd"])
    assert.ok(names.includes(call), call);
  for (const call of ["ptrace", "process_vm_readv", "process_vm_writev", "mount", "setns", "unshare", "kill"])
    assert.ok(!names.includes(call), call);
});
