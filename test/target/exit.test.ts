import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { onProcessEnd } from "../../src/kernel/index.ts";
import { watchExit } from "../../src/target/exit.ts";
import { openTarget } from "../../src/target/open.ts";
import { folder, runs, sleepAt, start, until } from "./processes.ts";

test("the end of the target", async (t) => {
  const child = await start(t, "sleep", "1000");
  const end = watchExit(openTarget(child.pid));
  child.kill("SIGKILL");
  assert.equal(await end, "exited");
});

test("the end of the target, told by the kernel before anybody looks", async (t) => {
  const child = await start(t, "sleep", "1000");
  t.mock.timers.enable({ apis: ["setInterval"] });
  const end = watchExit(openTarget(child.pid), undefined, onProcessEnd);
  // The kernel's word doesn't keep Node alive.
  const alive = setTimeout(() => {}, 60_000);
  child.kill("SIGKILL");
  assert.equal(await end, "exited");
  clearTimeout(alive);
});

test("who has stopped already doesn't watch, and nothing keeps Node alive", async (t) => {
  const child = await start(t, "sleep", "1000");
  const looks = t.mock.method(globalThis, "setInterval");
  void watchExit(openTarget(child.pid), AbortSignal.abort());
  assert.equal(looks.mock.callCount(), 0);
});

test("a pid that has gone to another process", async (t) => {
  const child = await start(t, "sleep", "1000");
  const target = openTarget(child.pid);
  assert.equal(await watchExit({ ...target, startTime: target.startTime - 1n }), "exited");
});

test("another executable in the same process", async (t) => {
  const path = sleepAt(join(folder(t), "app"));
  const child = await start(t, "sh", "-c", `read line; exec ${path} 1000`);
  await until(runs(child.pid, "/usr/bin/dash"));
  const end = watchExit(openTarget(child.pid));
  child.stdin?.write("go\n");
  assert.equal(await end, "replaced");
});

test("the same executable again in the same process", async (t) => {
  const child = await start(t, "sh", "-c", "read line; exec sh -c 'read line; true'");
  await until(runs(child.pid, "/usr/bin/dash"));
  const end = watchExit(openTarget(child.pid));
  child.stdin?.write("go\n");
  assert.equal(await end, "restarted");
});
