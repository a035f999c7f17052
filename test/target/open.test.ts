import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, readdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { UserError } from "../../src/report/user-error.ts";
import { openTarget } from "../../src/target/open.ts";
import { readStat, readStatus } from "../../src/target/proc.ts";
import { asNobody, cannotBeNobody, folder, runs, sleepAt, start, until } from "./processes.ts";

const refuses = (pid: number, exitCode: number, ...words: RegExp[]) =>
  assert.throws(
    () => openTarget(pid),
    (error) => {
      assert(error instanceof UserError, String(error));
      assert.equal(error.exitCode, exitCode);
      for (const word of words) assert.match(Object.values(error.explanation).join("\n"), word);
      return true;
    },
  );

test("a running process is described", async (t) => {
  const path = sleepAt(join(folder(t), "my (app) x"));
  const child = await start(t, "env", "-i", "A=1", "EMPTY=", "B=x=y", path, "1000");
  await until(runs(child.pid, path));
  const target = openTarget(child.pid);
  const { dev, ino } = statSync(path, { bigint: true });
  assert.deepEqual(
    { ...target, startTime: undefined, startStack: undefined, cgroup: undefined },
    {
      pid: child.pid,
      exePath: path,
      exeLink: `/proc/${child.pid}/exe`,
      device: dev,
      inode: ino,
      environment: new Map([
        ["A", "1"],
        ["EMPTY", ""],
        ["B", "x=y"],
      ]),
      command: "my (app) x",
      startTime: undefined,
      startStack: undefined,
      cgroup: undefined,
    },
  );
  assert.equal(target.startTime, readStat(child.pid).startTime);
  assert.match(target.startStack, /^[1-9]\d+$/);
  assert.match(target.cgroup, /^0::\//m);
});

test("an executable replaced on disk is still the one that runs", async (t) => {
  const path = sleepAt(join(folder(t), "app"));
  const { ino } = statSync(path, { bigint: true });
  const child = await start(t, path, "1000");
  copyFileSync("/usr/bin/env", `${path}.new`);
  renameSync(`${path}.new`, path);
  const target = openTarget(child.pid);
  assert.equal(target.exePath, path);
  assert.equal(target.inode, ino);
});

test("no such process", async () => {
  const child = spawn("true");
  await once(child, "exit");
  refuses(child.pid ?? 0, 3, /there is no process/, /PID namespace/, /shareProcessNamespace/);
});

test("a number from inside a container leads to the process's number here", {
  skip: process.getuid?.() !== 0,
}, async (t) => {
  const inner = 3_999_991;
  const script = `echo ${inner - 1} > /proc/sys/kernel/ns_last_pid; sleep 1000 & wait`;
  const child = await start(
    t,
    "unshare",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
    "sh",
    "-c",
    script,
  );
  const outer = () =>
    readdirSync("/proc")
      .map(Number)
      .find((pid) => pid > 0 && readStatus(pid, "NSpid")?.split("\t").at(-1) === String(inner));
  await until(() => outer() !== undefined);
  refuses(inner, 3, new RegExp(`--pid ${outer()}$`, "m"), /inside a container/);
  child.kill("SIGKILL");
});

test("kernel thread", { skip: !readStat(2).kernelThread }, () => refuses(2, 3, /thread of the kernel/));

test("zombie", async (t) => {
  // The child ends only when exec has put sleep in the place of the shell: sleep never waits for a child.
  const child = 'until readlink "/proc/$PPID/exe" | grep -q sleep; do :; done';
  const parent = await start(t, "sh", "-c", `sh -c '${child}' & echo $!; exec sleep 1000`);
  const [output] = await once(parent.stdout ?? parent, "data");
  const pid = Number(output);
  await until(() => readStat(pid).state === "Z");
  refuses(pid, 3, /zombie/);
});

test("thread", () => {
  const thread = readdirSync("/proc/self/task")
    .map(Number)
    .find((id) => id !== process.pid);
  refuses(thread ?? 0, 3, /is a thread/, new RegExp(`--pid ${process.pid}$`, "m"));
});

const openScript = (pid: number) => `
  import { openTarget } from "${new URL("../../src/target/open.ts", import.meta.url)}";
  try { console.log("opened", openTarget(${pid}).exePath); }
  catch (error) { console.log(error.exitCode, JSON.stringify(error.explanation)); }`;

test("another user's process names the capability that is missing", {
  skip: cannotBeNobody(),
}, async (t) => {
  const path = sleepAt(join(folder(t), "app"));
  chmodSync(path, 0o755);
  const child = await start(t, path, "1000");
  assert.match(await asNobody(openScript(child.pid)), /^4 .*no CAP_SYS_PTRACE/);
  assert.match(await asNobody(openScript(child.pid), ["dac_read_search"]), /^4 .*no CAP_SYS_PTRACE/);
  assert.match(await asNobody(openScript(child.pid), ["sys_ptrace"]), /^opened .*app/);
});

test("an executable that is closed to others asks for CAP_DAC_READ_SEARCH", {
  skip: cannotBeNobody(),
}, async (t) => {
  const path = sleepAt(join(folder(t), "app"));
  chmodSync(path, 0o700);
  const child = await start(t, path, "1000");
  assert.match(await asNobody(openScript(child.pid), ["sys_ptrace"]), /^4 .*no CAP_DAC_READ_SEARCH/);
  assert.match(await asNobody(openScript(child.pid), ["sys_ptrace", "dac_read_search"]), /^opened/);
});
