import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveTargets } from "../../src/target/resolve.ts";
import { start } from "./processes.ts";

const never = new AbortController().signal;

test("all pids, in the order that was given", async (t) => {
  const children = [await start(t, "sleep", "1000"), await start(t, "sleep", "1000")];
  const pids = children.map(({ pid }) => pid).reverse();
  const targets = await resolveTargets({ pids, exe: undefined }, never);
  assert.deepEqual(
    targets.map(({ pid }) => pid),
    pids,
  );
});

test("one pid that is gone refuses all", async (t) => {
  const child = await start(t, "sleep", "1000");
  await assert.rejects(resolveTargets({ pids: [child.pid, 4_194_300], exe: undefined }, never), {
    exitCode: 3,
  });
});
