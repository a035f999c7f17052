import assert from "node:assert/strict";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ExecutableWatch, waitForExecutable } from "../../src/target/wait.ts";
import { asNobody, cannotBeNobody, folder, runs, sleepAt, start, until } from "./processes.ts";

const never = new AbortController().signal;
const quick = { poll: 10, roundsForExec: 3, everything: 60_000, report: 50 };

const childrenOf = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);

/** Lines of the agent's log from here on. */
function listen(t: TestContext): string[] {
  const lines: string[] = [];
  t.mock.method(process.stderr, "write", (line: string) => lines.push(line) > 0);
  return lines;
}

test("processes that run already: the oldest first, and all others of the same file", async (t) => {
  const path = sleepAt(join(folder(t), "app"));
  listen(t);
  const first = await start(t, path, "1000");
  await sleep(20); // two clock ticks, the grain of start times
  const second = await start(t, path, "1000");
  await until(() => [first, second].every(({ pid }) => runs(pid, path)()));
  const targets = await new ExecutableWatch(path, quick).next(() => [], never);
  assert.deepEqual(
    targets.map(({ pid }) => pid),
    [first.pid, second.pid],
  );
  assert.equal(targets[0]?.exePath, path);
});

test("where executions are counted, nobody looks before there was one", async (t) => {
  const path = join(folder(t), "app");
  listen(t);
  let executions = 0n;
  const watch = new ExecutableWatch(path, quick, () => executions);
  const found = watch.next(() => [], never);
  await sleep(100);
  const process = await start(t, sleepAt(path), "1000");
  await until(runs(process.pid, path));
  let isFound = false;
  found.then(() => {
    isFound = true;
  });
  await sleep(200);
  assert.equal(isFound, false);
  executions++;
  assert.deepEqual(
    (await found).map(({ pid }) => pid),
    [process.pid],
  );
});

test("beside one that is traced: its like at once, another file of that path when it is over", async (t) => {
  const path = sleepAt(join(folder(t), "app"));
  const lines = listen(t);
  const watch = new ExecutableWatch(path, quick);
  const first = await start(t, path, "1000");
  let traced = await watch.next(() => [], never);
  const like = await start(t, path, "1000");
  traced = [...traced, ...(await watch.next(() => traced, never))];
  assert.deepEqual(
    traced.map(({ pid }) => pid),
    [first.pid, like.pid],
  );
  rmSync(path);
  const newer = await start(t, sleepAt(path), "1000");
  const next = watch.next(() => traced, never);
  await until(() => lines.some((line) => line.includes(`process ${newer.pid} runs another file`)));
  traced = [];
  assert.deepEqual(
    (await next).map(({ pid }) => pid),
    [newer.pid],
  );
});

test("a file that can't be traced is not given again, a later one of that path is", async (t) => {
  const path = sleepAt(join(folder(t), "app"));
  listen(t);
  const watch = new ExecutableWatch(path, quick);
  await start(t, path, "1000");
  for (const target of await watch.next(() => [], never)) {
    watch.refuse(target);
    watch.forget(target);
  }
  await start(t, path, "1000");
  const next = watch.next(() => [], never);
  await sleep(200);
  rmSync(path);
  const later = await start(t, sleepAt(path), "1000");
  assert.deepEqual(
    (await next).map(({ pid }) => pid),
    [later.pid],
  );
});

test("no more than 16", async (t) => {
  const path = sleepAt(join(folder(t), "app"));
  const lines = listen(t);
  const children: { readonly pid: number }[] = [];
  for (let i = 0; i < 18; i++) children.push(await start(t, path, "1000"));
  await until(() => children.every(({ pid }) => runs(pid, path)()));
  const watch = new ExecutableWatch(path, quick);
  let traced = await watch.next(() => [], never);
  assert.equal(traced.length, 16);
  const more = watch.next(() => traced, never);
  await until(() => lines.some((line) => line.includes("16 processes that run it are traced")));
  traced = traced.slice(1);
  assert.equal((await more).length, 1);
});

test("a process that has forked and not yet executed is not taken", async (t) => {
  const path = sleepAt(join(folder(t), "app"));
  listen(t);
  copyFileSync("/bin/sh", path);
  // What stands in parentheses is a shell that never executes anything, and ends with its parent's pipe.
  const parent = await start(t, path, "-c", "exec 3<&0; (read line <&3) & wait");
  await until(() => childrenOf(parent.pid).length === 1);
  const targets = await new ExecutableWatch(path, quick).next(() => [], never);
  assert.deepEqual(
    targets.map(({ pid }) => pid),
    [parent.pid],
  );
});

test("a process that starts later, and after its end the next one", async (t) => {
  const path = sleepAt(join(folder(t), "app"));
  const lines = listen(t);
  for (let round = 0; round < 2; round++) {
    const waiting = waitForExecutable(path, never, quick);
    await until(() => lines.some((line) => line.includes(`waiting for a process that runs ${path}`)));
    lines.length = 0;
    const child = await start(t, path, "1000");
    assert.equal((await waiting).pid, child.pid);
    child.kill("SIGKILL");
    await until(() => !runs(child.pid, path)());
  }
});

test("a process that executes it later, as wrapper scripts do", async (t) => {
  const path = sleepAt(join(folder(t), "app"));
  listen(t);
  const child = await start(t, "sh", "-c", `read line; exec ${path} 1000`);
  const waiting = waitForExecutable(path, never, quick);
  await sleep(50);
  child.stdin?.write("go\n");
  assert.equal((await waiting).pid, child.pid);
});

test("a symbolic link", async (t) => {
  const place = folder(t);
  const path = sleepAt(join(place, "app"));
  symlinkSync("app", join(place, "current"));
  const child = await start(t, path, "1000");
  const target = await waitForExecutable(join(place, "current"), never, quick);
  assert.equal(target.pid, child.pid);
  assert.equal(target.exePath, join(place, "current"));
});

test("the path is the one inside the target's mount namespace", {
  skip: process.getuid?.() !== 0,
}, async (t) => {
  const place = folder(t);
  for (const name of ["outside", "inside"]) mkdirSync(join(place, name));
  sleepAt(join(place, "outside/app"));
  const path = join(place, "inside/app");
  const lines = listen(t);
  const script = `mount --bind ${place}/outside ${place}/inside && exec ${path} 1000`;
  const waiting = waitForExecutable(path, never, quick);
  const child = await start(t, "unshare", "--mount", "sh", "-c", script);
  assert.equal((await waiting).pid, child.pid);
  assert.match(lines.join(""), /is not to be seen here; that is fine/);
});

test("a relative path is taken from the agent's working directory, and that is said", async (t) => {
  const path = join(folder(t), "app");
  const lines = listen(t);
  const stop = new AbortController();
  const given = relative(process.cwd(), path);
  const waiting = waitForExecutable(given, stop.signal, quick);
  await until(() => lines.length > 1);
  assert.match(lines.join(""), new RegExp(`waiting for a process that runs ${path}`));
  assert.match(lines.join(""), new RegExp(`${given} is taken from the agent's own working directory`));
  const child = await start(t, sleepAt(path), "1000");
  assert.equal((await waiting).pid, child.pid);
});

test("what comes near is said", async (t) => {
  const place = folder(t);
  mkdirSync(join(place, "other"));
  const other = sleepAt(join(place, "other/app"));
  const sameName = await start(t, other, "1000");
  const wrapper = await start(t, "sh", "-c", "read line; exit", join(place, "app"));
  const lines = listen(t);
  const stop = new AbortController();
  const waiting = waitForExecutable(join(place, "app"), stop.signal, quick);
  await until(() => lines.some((line) => line.includes("still waiting")));
  stop.abort();
  await assert.rejects(waiting, { name: "AbortError" });
  const periodical = lines.find((line) => line.includes("still waiting")) ?? "";
  assert.match(periodical, new RegExp(`process ${sameName.pid} runs ${other}, which has the same name`));
  assert.match(periodical, new RegExp(`process ${wrapper.pid} .* has it among its arguments`));
});

const refused = (path: string, why: RegExp) =>
  assert.rejects(
    waitForExecutable(path, never, quick),
    (error: { exitCode?: number; explanation?: { why?: string } }) => {
      assert.equal(error.exitCode, 2);
      assert.match(error.explanation?.why ?? "", why);
      return true;
    },
  );

test("a directory, a script and other files are refused", async (t) => {
  const place = folder(t);
  writeFileSync(join(place, "start.sh"), "#!/bin/sh -e\nexec app\n");
  writeFileSync(join(place, "notes.txt"), "hello");
  await refused(place, /is a directory/);
  await refused(join(place, "start.sh"), /is a script for \/bin\/sh -e/);
  await refused(join(place, "notes.txt"), /is not an ELF file/);
});

test("a script that only the target sees is refused as well", {
  skip: process.getuid?.() !== 0,
}, async (t) => {
  const place = folder(t);
  for (const name of ["outside", "inside"]) mkdirSync(join(place, name));
  writeFileSync(join(place, "outside/start.sh"), "#!/bin/sh\nread line\n");
  chmodSync(join(place, "outside/start.sh"), 0o755);
  listen(t);
  const script = `mount --bind ${place}/outside ${place}/inside && exec ${place}/inside/start.sh`;
  const child = await start(t, "unshare", "--mount", "sh", "-c", script);
  await until(runs(child.pid, "/usr/bin/dash"));
  await refused(join(place, "inside/start.sh"), /is a script for \/bin\/sh/);
});

test("another user's process of that name ends the wait", { skip: cannotBeNobody() }, async (t) => {
  const path = sleepAt(join(folder(t), "an-application"));
  await start(t, path, "1000");
  const answer = await asNobody(`
    import { ExecutableWatch, waitForExecutable } from "${new URL("../../src/target/wait.ts", import.meta.url)}";
    try { await waitForExecutable("${path}", new AbortController().signal); }
    catch (error) { console.log(error.exitCode, JSON.stringify(error.explanation)); }`);
  assert.match(answer, /^4 .*no CAP_SYS_PTRACE/);
});

test("an aborted wait rejects", async (t) => {
  listen(t);
  await assert.rejects(waitForExecutable("/no/such/app", AbortSignal.abort(), quick), { name: "AbortError" });
});
