// Executables that don't look on disk as they did when they were started.
import assert from "node:assert/strict";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startAgent } from "./support/agent.ts";
import { type Collector, startCollector } from "./support/collector.ts";
import { usual } from "./support/matrix.ts";
import { stopAll } from "./support/process.ts";
import { buildServer, type Server, startExecutable } from "./support/server.ts";

describe("unusual files", () => {
  let collector: Collector;
  let directory: string;

  before(async () => {
    collector = await startCollector();
    directory = await mkdtemp(join(tmpdir(), "otel-go-auto-files-"));
  });
  after(async () => {
    await collector?.stop();
    await stopAll();
    if (directory) await rm(directory, { recursive: true });
  });

  /** A request to the server is traced, and the span is the right one. */
  async function assertTraced(server: Server): Promise<void> {
    const already = (await collector.spans()).length;
    const agent = await startAgent({ pid: server.running.pid, endpoint: collector.httpEndpoint });
    const response = await fetch(`http://127.0.0.1:${server.ports.h1}/items/7`);
    assert.equal(await response.text(), "7");
    await agent.stop();
    const spans = await collector.waitFor((all) => all.length > already);
    assert.equal(spans.length, already + 1, agent.stderr());
    assert.equal(spans.at(-1)?.name, "GET /items/{id}");
    assert.equal(spans.at(-1)?.attributes["http.response.status_code"], 200);
    await server.stop();
  }

  test("replaced while it runs: the running one is traced, not its successor", async () => {
    const executable = join(directory, "replaced");
    await copyFile(await buildServer(usual), executable);
    const server = await startExecutable(executable);
    await rm(executable);
    await copyFile(await buildServer({ ...usual, go: "1.22.12" }), executable);
    await assertTraced(server);
  });

  test("deleted while it runs", async () => {
    const executable = join(directory, "deleted");
    await copyFile(await buildServer(usual), executable);
    const server = await startExecutable(executable);
    await rm(executable);
    await assertTraced(server);
  });

  test("cut off behind what the kernel loads: its symbols and DWARF are gone", async () => {
    const whole = await readFile(await buildServer({ ...usual, stripped: false }));
    const executable = join(directory, "cut");
    await writeFile(executable, whole.subarray(0, endOfLoaded(whole)), { mode: 0o755 });
    await assertTraced(await startExecutable(executable));
  });
});

/** Where the last segment that the kernel maps ends in the file: ELF-64 program headers, PT_LOAD. */
function endOfLoaded(elf: Buffer): number {
  const [table, size, count] = [Number(elf.readBigUInt64LE(32)), elf.readUInt16LE(54), elf.readUInt16LE(56)];
  const ends = Array.from({ length: count }, (_, i) => table + i * size)
    .filter((header) => elf.readUInt32LE(header) === 1)
    .map((header) => Number(elf.readBigUInt64LE(header + 8) + elf.readBigUInt64LE(header + 32)));
  return Math.max(...ends);
}
