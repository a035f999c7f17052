import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const launcher = new URL("../../bin/otel-go-auto", import.meta.url).pathname;

test("the launcher starts the bundle beside it with V8's limits, also behind a link, and says when there is none", (t) => {
  const place = mkdtempSync(join(tmpdir(), "otel-go-auto-launcher-"));
  t.after(() => rmSync(place, { recursive: true }));
  mkdirSync(join(place, "bin"));
  cpSync(launcher, join(place, "bin/otel-go-auto"));
  writeFileSync(join(place, "package.json"), '{"type":"module"}');
  symlinkSync(join(place, "bin/otel-go-auto"), join(place, "linked"));
  const start = () => spawnSync(join(place, "linked"), ["a b"], { encoding: "utf8" });

  const unbuilt = start();
  assert.equal(unbuilt.status, 1);
  assert.match(unbuilt.stderr, /npm run setup/);

  mkdirSync(join(place, "dist"));
  writeFileSync(
    join(place, "dist/cli.js"),
    "console.log(JSON.stringify([process.execArgv, process.argv.slice(2)])); process.exitCode = 7;",
  );
  const built = start();
  assert.equal(built.status, 7, built.stderr);
  assert.deepEqual(JSON.parse(built.stdout), [
    ["--max-semi-space-size=1", "--max-old-space-size=48"],
    ["a b"],
  ]);
});
