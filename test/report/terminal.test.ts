import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { startMessages } from "../../src/report/start.ts";
import { start } from "../e2e/support/process.ts";

const repository = join(import.meta.dirname, "../..");
const hostile = "a\u001b[31m\u202eb\nfake: line";

test("what a target calls itself does not control the terminal that it is shown on", () => {
  const line = startMessages.attached({ pid: 7, exePath: `/app/${hostile}` }, `go1.26${hostile}`, 5);
  assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u);
  assert.match(line, /^attached to process 7 \(\/app\/a.*go1\.26a.*\) in 5 ms$/);
});

test("no message of the log does, whoever wrote it; its own lines stay", () => {
  const script = `import("./src/report/log.ts").then(({ log }) => log.error(${JSON.stringify(`${hostile}\ttab`)}))`;
  const { stderr } = spawnSync(process.execPath, ["--import", "tsx", "-e", script], { cwd: repository });
  assert.equal(stderr.toString(), "otel-go-auto: error: a�[31m�b\nfake: line\ttab\n");
});

test("a program that isn't Go with escape sequences in its name is refused in plain text", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "otel-go-auto-name-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, hostile);
  copyFileSync(execFileSync("which", ["sleep"]).toString().trim(), path);
  chmodSync(path, 0o755);
  const target = start(path, ["60"]);
  t.after(() => target.stop("SIGKILL"));
  const agent = spawnSync(join(repository, "bin/otel-go-auto"), ["--pid", String(target.pid)]);
  assert.equal(agent.status, 6);
  assert.doesNotMatch(agent.stderr.toString().replaceAll("\n", ""), /[\p{Cc}\p{Cf}]/u);
  assert.doesNotMatch(agent.stderr.toString(), /^fake/m);
});
