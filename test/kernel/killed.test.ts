import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { compileProbe } from "./support/object.ts";
import { Target } from "./support/target.ts";

const kernelRoom = join(import.meta.dirname, "../../src/kernel/index.ts");

/** Attaches, says so, and waits to be killed. */
const agent = (plan: { pid: number; exe: string; object: string; offset: number }) => `
  import { readFileSync } from "node:fs";
  import { KernelSession, probeKernel } from ${JSON.stringify(kernelRoom)};
  const programs = [{ program: "on_start", sites: [{ fileOffset: ${plan.offset} }] }];
  const objects = [{ name: "killed", bytes: readFileSync(${JSON.stringify(plan.object)}), globals: new Map(), programs }];
  const place = { pid: ${plan.pid}, exe: ${JSON.stringify(plan.exe)}, sharedMaps: [] };
  const session = new KernelSession({ ...place, objects }, probeKernel());
  console.log(String(session.statuses[0].attached));
  setInterval(() => session, 1000);
`;

test("SIGKILL of the agent leaves nothing in the target, and the target works on", async () => {
  const folder = await mkdtemp(join(tmpdir(), "otel-go-auto-"));
  const target = await Target.run();
  try {
    const object = join(folder, "probe.o");
    writeFileSync(object, compileProbe());
    const script = agent({ pid: target.pid, exe: target.exe, object, offset: target.start });
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = once(child, "exit");
      try {
        const [said] = await once(child.stdout, "data");
        assert.equal(String(said).trim(), "true");
        assert.notEqual(target.codeInMemory(), target.codeInFile());
      } catch (error) {
        child.kill("SIGKILL");
        throw error;
      }
      const calling = target.call(50_000);
      child.kill("SIGKILL");
      await ended;
      await calling;
      // The breakpoint is taken away by the process's own end, or by the first thread that runs into it.
      assert.equal(target.codeInMemory(), target.codeInFile());
    }
  } finally {
    await target.stop();
    await rm(folder, { recursive: true });
  }
});
