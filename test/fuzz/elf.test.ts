import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Build, describeBuild, scratchFile, serverPath } from "../binary/programs.ts";
import type { Progress } from "./elf-child.ts";

/** Mutations of each program. OTEL_GO_AUTO_FUZZ=100000 looks longer, OTEL_GO_AUTO_FUZZ_SEED elsewhere. */
const count = Number(process.env.OTEL_GO_AUTO_FUZZ ?? 500);
const seed = Number(process.env.OTEL_GO_AUTO_FUZZ_SEED ?? 20_261_121);
const hangAfter = 20_000;
/** Milliseconds; opening and searching an intact one takes 10 to 20. */
const slow = 2000;
/** Node with tsx alone has 120 MB. */
const maxResident = 400 * 1024 * 1024;

const builds: readonly Build[] = [
  { go: "1.22.12", flags: ["-ldflags=-s -w"] },
  { go: "1.24.13" },
  { go: "1.26.8", flags: ["-buildmode=pie", "-ldflags=-s -w"] },
  { go: "1.27.4", flags: ["-ldflags=-s -w"] },
];

for (const build of builds) {
  test(`${count} mutations give errors for users at worst: ${describeBuild(build)}`, async (t) => {
    const progress = await mutate(t, scratchFile(t, await serverPath(build)));
    t.diagnostic(JSON.stringify(progress));
    assert.equal(progress.done, count);
    assert.ok(progress.refused > count / 20, "mutations are noticed");
    assert.ok(progress.refused < count * 0.9, "mutations reach the tables behind the headers");
    assert.ok(progress.slowest < slow, `${progress.slowest} ms: ${progress.what}`);
    assert.ok(progress.rss < maxResident, `${progress.rss} bytes`);
  });
}

function mutate(t: TestContext, path: string): Promise<Progress> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, "elf-child.ts"), [path, String(seed), String(count)], {
      execArgv: ["--import", "tsx"],
    });
    t.after(() => child.kill("SIGKILL"));
    let last: Progress | undefined;
    const hang = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`hangs behind mutation ${last?.done ?? 0} of seed ${seed}`));
    }, hangAfter);
    child.on("message", (progress: Progress) => {
      last = progress;
      hang.refresh();
    });
    child.on("exit", (code) => {
      clearTimeout(hang);
      if (code === 0 && last) resolve(last);
      else reject(new Error(`ended with ${code} behind mutation ${last?.done ?? 0} of seed ${seed}`));
    });
  });
}
