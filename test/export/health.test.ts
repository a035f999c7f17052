import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import type { SendResult } from "../../src/export/batcher.ts";
import { ExportHealth } from "../../src/export/health.ts";
import { signalWords } from "../../src/report/signals.ts";
import { captureLog } from "./support/log.ts";
import { otlp } from "./support/options.ts";

const lines = captureLog();
beforeEach(() => {
  lines.length = 0;
});

const ok: SendResult = { ok: true, rejected: 0 };
const refused = Object.assign(new Error(""), { code: "ECONNREFUSED" });
const failed: SendResult = { ok: false, error: refused };

function watch(endpoint = "http://collector:4318/v1/traces") {
  const time = { ms: 0 };
  return { health: new ExportHealth(otlp(endpoint), signalWords.traces, () => time.ms), time };
}

describe("messages about a failing export", () => {
  test("one at the start, one a minute, one at the end with what was lost", () => {
    const { health, time } = watch();
    health.attemptFailed(refused);
    for (; time.ms < 150_000; time.ms += 1000) health.finished(failed, 10);
    health.finished(ok, 10);
    health.finished(ok, 10);
    assert.equal(lines.length, 4, lines.join(""));
    assert.match(
      lines[0] ?? "",
      /^otel-go-auto: warn: spans cannot be sent to http:\/\/collector:4318\/v1\/traces\n {2}why: .*\n {2}still works: .*\n {2}next: .*\n$/,
    );
    assert.match(lines[1] ?? "", /still cannot .*nothing listens at collector:4318.*610 spans lost/);
    assert.match(lines[2] ?? "", /still cannot .*1,210 spans lost/);
    assert.match(lines[3] ?? "", /again; 1,500 spans lost meanwhile/);
  });

  test("an endpoint that comes and goes is not spoken of all the time", () => {
    const { health, time } = watch();
    for (; time.ms < 300_000; time.ms += 1000) health.finished(time.ms % 2000 === 0 ? failed : ok, 1);
    assert.ok(lines.length <= 10, `${lines.length} lines in 5 minutes`);
    assert.ok(lines.length >= 8, `${lines.length} lines in 5 minutes`);
  });

  test("nothing as long as all is well", () => {
    const { health } = watch();
    health.finished(ok, 10);
    assert.deepEqual(lines, []);
  });

  test("rejections at most once a minute", () => {
    const { health, time } = watch();
    for (; time.ms < 90_000; time.ms += 1000)
      health.finished({ ok: true, rejected: 3, message: "quota" }, 10);
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? "", /rejected 3 spans: quota/);
  });

  test("never the user's name or password", () => {
    const { health } = watch("http://me:secret@collector:4318/v1/traces");
    health.finished(failed, 1);
    assert.match(lines.join(""), /http:\/\/collector:4318\/v1\/traces/);
    assert.doesNotMatch(lines.join(""), /secret|me:|me@/);
  });
});
