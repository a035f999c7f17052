// A few cells of the matrix that `npm run test:go-matrix` fills: those whose linking differs most.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Collector, startCollector } from "../e2e/support/collector.ts";
import { stopAll } from "../e2e/support/process.ts";
import { checkArm64 } from "./arm64.ts";
import { buildMode } from "./build.ts";
import { type Mode, modesOf } from "./modes.ts";
import { traceProgram } from "./trace.ts";

/** The oldest that is promised, and the newest. */
const versions = ["1.19.13", "1.27.4"];
const names = ["PIE, -s -w, -trimpath", "static PIE", "cgo, external linking", "-race", "vendored"];

let collector: Collector;
before(async () => {
  collector = await startCollector();
});
after(async () => {
  await collector.stop();
  await stopAll();
});

for (const go of versions) {
  for (const name of names) {
    test(`Go ${go}, ${name}: every span of every transport`, async () => {
      const transports = await traceProgram(await buildMode(go, modeOf(go, name)), go, collector);
      assert.ok(transports.length >= 2, transports.join());
    });
  }
  test(`Go ${go} for arm64: planned as on amd64, fields where DWARF has them`, async () => {
    await checkArm64(go, modeOf(go, "-s -w"));
  });
}

function modeOf(go: string, name: string): Mode {
  const mode = modesOf(go).find((mode) => mode.name === name);
  assert.ok(mode && mode.impossible === undefined, `${name} with Go ${go}`);
  return mode;
}
