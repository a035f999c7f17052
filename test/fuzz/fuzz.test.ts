// Broken input of every format that the agent reads: it gives a refusal at worst, at once and in little memory.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import type { Assignment, Outcome } from "./support/child.ts";
import { buildCorpus, type Corpus } from "./support/corpus.ts";
import { targets } from "./targets/index.ts";

/** Mutations of each target; those of 10 to 20 ms get a share of them. */
const count = Number(process.env.OTEL_GO_AUTO_FUZZ ?? 300);
/** OTEL_GO_AUTO_FUZZ_SEED looks elsewhere, OTEL_GO_AUTO_FUZZ_INDEX makes one mutation again. */
const seed = Number(process.env.OTEL_GO_AUTO_FUZZ_SEED ?? 20_261_121);
const only = process.env.OTEL_GO_AUTO_FUZZ_INDEX;
const shares: Readonly<Record<string, number>> = { "whole programs": 0.1, plan: 0.3 };

/** Milliseconds that one mutation may take. */
const slow = 2000;
/** A child looks alive every so often, however loaded the machine is: ten times as long is a hang. */
const hangAfter = 10 * slow;
/** Node with tsx and the corpus in memory has 200 MB. */
const maxResident = 400 * 1024 * 1024;

describe("fuzz", () => {
  let corpus: Corpus;
  let directory: string;

  before(async () => {
    corpus = await buildCorpus();
    directory = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "fuzz-"));
  });
  after(() => {
    if (directory) rmSync(directory, { recursive: true });
  });

  for (const { name } of targets) {
    test(`${name}: at worst a refusal`, async (t) => {
      const wanted = Math.ceil(count * (shares[name] ?? 1));
      const outcome = await run(
        t,
        name,
        only ? { from: Number(only), count: 1 } : { from: 0, count: wanted },
      );
      t.diagnostic(figures(outcome));
      const again = `OTEL_GO_AUTO_FUZZ_SEED=${seed} OTEL_GO_AUTO_FUZZ_INDEX=`;
      assert.equal(outcome.fault, undefined, `${again}${outcome.done - 1}\n${outcome.fault}`);
      assert.ok(outcome.slowest < slow, `${outcome.slowest} ms: ${again}${outcome.slowestIndex}`);
      assert.ok(outcome.resident < maxResident, `${outcome.resident} bytes`);
    });
  }

  function run(t: TestContext, target: string, range: { from: number; count: number }): Promise<Outcome> {
    const progress = join(directory, "progress");
    writeFileSync(progress, Buffer.alloc(4));
    const assignment: Assignment = {
      target,
      seed,
      ...range,
      corpus,
      directory: mkdtempSync(join(directory, "files-")),
      progress,
    };
    const child = fork(join(import.meta.dirname, "support", "child.ts"), [JSON.stringify(assignment)], {
      execArgv: ["--max-old-space-size=256", "--import", "tsx"],
    });
    t.after(() => child.kill("SIGKILL"));
    return new Promise((resolve, reject) => {
      let [seen, since] = [-1, Date.now()];
      const watch = setInterval(() => {
        const index = readFileSync(progress).readUInt32LE(0);
        if (index !== seen) [seen, since] = [index, Date.now()];
        if (Date.now() - since < hangAfter) return;
        child.kill("SIGKILL");
        reject(new Error(`mutation ${seen} of seed ${seed} hangs`));
      }, 500);
      let outcome: Outcome | undefined;
      child.on("message", (message: Outcome) => {
        outcome = message;
      });
      child.on("exit", (code, signal) => {
        clearInterval(watch);
        rmSync(assignment.directory, { recursive: true, force: true });
        if (outcome) resolve(outcome);
        else reject(new Error(`ended with ${code ?? signal} at mutation ${seen} of seed ${seed}`));
      });
    });
  }
});

function figures({ done, refused, slowest, slowestIndex, resident, seconds }: Outcome): string {
  const mebibytes = Math.round(resident / 2 ** 20);
  return `${done} mutations, ${refused} refused, slowest ${slowest.toFixed(1)} ms (${slowestIndex}), ${mebibytes} MiB, ${seconds.toFixed(1)} s`;
}
