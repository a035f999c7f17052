// What the config file changes in a running agent: at once, and without losing a span.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { liveRun } from "./support/live-run.ts";
import { sleep } from "./support/process.ts";

describe("live settings", () => {
  const { call, start, write, said, spansOf, send, background, finish, settle } = liveRun();

  test("sampling: 1, 0 and 0.5 under load, by the file's date and by SIGHUP", async () => {
    const running = await start("sampling: {ratio: 1}\n");
    await background();
    const first = await send(200);
    assert.equal((await spansOf(first, 400)).length, 400, "server and client of each request");

    write("sampling:\n  ratio: 0\n");
    await said(/agent\.yaml: sampling: 1 → 0$/);
    const second = await send(200);

    write("sampling:\n  ratio: 0.5\n");
    running.running.child.kill("SIGHUP");
    await said(/agent\.yaml: sampling: 0 → 0\.5$/);
    const third = await send(400);
    const sampled = await settle(third, 2 * 150);
    assert.ok(sampled % 2 === 0 && sampled > 2 * 140 && sampled < 2 * 260, `${sampled} spans of 2 x 400`);
    assert.equal(await settle(second, 0), 0);

    running.running.child.kill("SIGHUP");
    await said(/agent\.yaml: nothing has changed$/);
    await finish();
  });

  test("paths that are left out", async () => {
    await start("{}\n");
    await background();
    const first = await send(30);
    assert.equal((await spansOf(first, 60)).length, 60);
    write("sampling:\n  rules:\n    - {path: /ca*, drop: true}\n");
    await said(/agent\.yaml: sampling\.rules: none → \/ca\* 0$/);
    const second = await send(30);
    write("sampling:\n  rules:\n    - {path: /other, drop: true}\n");
    await said(/agent\.yaml: sampling\.rules: \/ca\* 0 → \/other 0$/);
    const third = await send(30);
    assert.equal((await spansOf(third, 60)).length, 60);
    assert.equal(await settle(second, 0), 0);
    await finish();
  });

  test("headers that become attributes", async () => {
    await start("{}\n");
    const captured = async (mark: string) => {
      await fetch(call(mark), { headers: { "x-test": "7" } });
      const server = (await spansOf(mark, 2)).find(({ kind }) => kind === "server");
      return server?.attributes["http.request.header.x-test"];
    };
    assert.equal(await captured("headers-none"), undefined);
    write("headers: {server: {request: [X-Test]}}\n");
    await said(/agent\.yaml: headers\.server\.request: none → x-test$/);
    assert.deepEqual(await captured("headers-some"), ["7"]);
    write("{}\n");
    await said(/agent\.yaml: headers\.server\.request: x-test → none$/);
    assert.equal(await captured("headers-again"), undefined);
    await finish();
  });

  test("the log level", async () => {
    const running = await start("log_level: info\n");
    write("log_level: debug\n");
    await said(/agent\.yaml: log_level: info → debug$/);
    write("log_level: error\n");
    await said(/agent\.yaml: log_level: debug → error$/);
    const length = running.stderr().length;
    write("log_level: error\nsampling: {ratio: 0.1}\n");
    running.running.child.kill("SIGHUP");
    await sleep(2500);
    assert.equal(running.stderr().length, length, "nothing is said below errors");
    write("log_level: [\n");
    await said(/error: .*agent\.yaml:1:12: /);
  });

  test("what a flag or variable says stays, and so does what isn't live", async () => {
    await start("log_level: info\nservice: {name: a}\n", { OTEL_LOG_LEVEL: "info" });
    write("log_level: debug\nservice: {name: b}\notlp: {headers: {api-key: hunter2}}\n");
    await said(/agent\.yaml: log_level has no effect: OTEL_LOG_LEVEL beats it$/);
    await said(/agent\.yaml: otlp\.headers, service\.name: change only at the agent's next start$/);
    const { account } = await finish();
    assert.ok(account.line !== undefined);
  });
});
