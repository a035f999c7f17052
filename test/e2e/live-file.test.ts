// The config file of a running agent, however it is written: half of it, wrong, behind a link, again and again.
import assert from "node:assert/strict";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { liveRun } from "./support/live-run.ts";
import { sleep } from "./support/process.ts";

describe("live settings: the file", () => {
  const { directory, file, start, write, said, spansOf, send, background, finish } = liveRun();

  test("a bad file changes nothing, is told once with line and column, and the next good one is taken", async () => {
    const running = await start("sampling: {ratio: 1}\n");
    await background();
    write("sampling:\n  ratio: 0\n  rate: 1\n");
    await said(/error: .*agent\.yaml:3:3: unknown key "rate"$/);
    await said(/still works: the running agent keeps the settings that it has$/);
    writeFileSync(file, "sampling:\n  ratio: 0\n  rate: 1\n");
    const mark = await send(100);
    assert.equal((await spansOf(mark, 200)).length, 200);
    rmSync(file);
    await said(/agent\.yaml can't be read$/);
    assert.equal(running.stderr().match(/unknown key/g)?.length, 1);
    running.running.child.kill("SIGHUP");
    await said(/agent\.yaml can't be read$/, 2);
    write("sampling: {ratio: 0}\n");
    await said(/agent\.yaml: sampling: 1 → 0$/);
    await finish();
  });

  test("a file that is being written is not taken before it is whole", async () => {
    const running = await start("sampling: {ratio: 0.5}\n");
    for (let i = 0; i < 24; i++) {
      writeFileSync(file, "");
      await sleep(120);
      writeFileSync(file, `sampling: {ratio: 0.5}\n# ${i}\n`);
      await sleep(120);
    }
    writeFileSync(file, "sampling: {ratio: 0.25}\n");
    await said(/agent\.yaml: sampling: 0\.5 → 0\.25$/);
    assert.equal(running.stderr().match(/sampling: /g)?.length, 1, running.stderr());
    await finish();
  });

  test("a mounted ConfigMap: the folder behind a link is another", async () => {
    const mount = join(directory, "mount");
    mkdirSync(join(mount, "v1"), { recursive: true });
    mkdirSync(join(mount, "v2"));
    writeFileSync(join(mount, "v1", "agent.yaml"), "sampling: {ratio: 1}\n");
    writeFileSync(join(mount, "v2", "agent.yaml"), "sampling: {ratio: 0.25}\n");
    symlinkSync("v1", join(mount, "..data"));
    symlinkSync("..data/agent.yaml", join(mount, "agent.yaml"));
    await start("", {}, join(mount, "agent.yaml"));
    symlinkSync("v2", join(mount, "..data_tmp"));
    renameSync(join(mount, "..data_tmp"), join(mount, "..data"));
    await said(/mount\/agent\.yaml: sampling: 1 → 0\.25$/);
    await finish();
  });

  test("200 reloads and 20 libraries off and on under load: memory and descriptors stay", async () => {
    const running = await start("sampling: {ratio: 1}\n", { OTEL_TRACES_EXPORTER: "none" });
    await background();
    const reload = async (text: string, expected: RegExp, times: number) => {
      write(text);
      running.running.child.kill("SIGHUP");
      await said(expected, times);
    };
    const reloads = async (from: number, to: number) => {
      for (let i = from; i <= to; i++) {
        await reload("sampling: {ratio: 0.5}\n", /sampling: 1 → 0\.5$/, i);
        await reload("sampling: {ratio: 1}\n", /sampling: 0\.5 → 1$/, i);
      }
    };
    const toggles = async (from: number, to: number) => {
      for (let i = from; i <= to; i++) {
        await reload("sampling: {ratio: 1}\ndisable: [http/client]\n", /net\/http client: detached from/, i);
        await reload("sampling: {ratio: 1}\n", /net\/http client: attached to process/, i);
      }
    };
    await reloads(1, 5);
    await toggles(1, 3);
    const before = figures(running.running.pid);
    await reloads(6, 100);
    await toggles(4, 20);
    await sleep(1000);
    const now = figures(running.running.pid);
    assert.equal(now.descriptors, before.descriptors);
    assert.ok(
      now.kilobytes < before.kilobytes + 30_000,
      `${before.kilobytes} kB before, ${now.kilobytes} kB now`,
    );
    await finish();
  });
});

function figures(pid: number): { descriptors: number; kilobytes: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    kilobytes: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]),
  };
}
