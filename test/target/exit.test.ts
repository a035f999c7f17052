import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { watchExit } from "../../src/target/exit.ts";
import { openTarget } from "../../src/target/open.ts";
import { folder, runs, sleepAt, start, until } from "./processes.ts";

// The watch itself does not keep the process alive; the children of these tests do.

test("the end of the target", async (t) => {
  const child = await start(t, "sleep", "1000");
  const end = watchExit(openTarget(child.pid));
  child.kill("SIGKILL");
  const alive = setInterval(() => {}, 1000);
  assert.equal(await end, "exited");
  clearInterval(alive);
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
