import assert from "node:assert/strict";
import { test } from "node:test";
import { openGoBinary } from "../../src/binary/index.ts";
import { goidGenerator } from "../../src/plan/goid-generator.ts";
import { buildGo, goVersions, serverSource } from "../fixtures/go-binaries.ts";

/** runtime.sched begins with goidgen in every release so far. */
for (const go of goVersions)
  test(`the counter of goroutine ids is runtime.sched's: Go ${go}`, async () => {
    const whole = openGoBinary(await buildGo({ go, source: serverSource }));
    const [sched] = whole.symbols("runtime.sched");
    assert.ok(sched);
    assert.equal(goidGenerator(whole), sched.address);
    whole.close();
    const stripped = openGoBinary(await buildGo({ go, source: serverSource, flags: ["-ldflags=-s -w"] }));
    assert.ok(goidGenerator(stripped));
    stripped.close();
  });

test("code without the addition has no counter", async () => {
  const binary = openGoBinary(
    await buildGo({ go: "1.26.8", source: serverSource, flags: ["-gcflags=all=-N -l"] }),
  );
  assert.equal(goidGenerator(binary), undefined);
  binary.close();
});
