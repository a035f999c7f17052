import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { ExecCount } from "../../src/kernel/index.ts";

test("programs that are executed are counted, one by one, also in other processes' children", () => {
  const count = ExecCount.open();
  assert.ok(count, "the kernel refuses it");
  const before = count.read();
  for (let i = 0; i < 10; i++) execFileSync("/bin/sh", ["-c", "exec /bin/true"]);
  // Others may execute something at the same time.
  assert.ok(count.read() >= before + 20n, `${count.read()} after ${before}`);
  count.close();
});
