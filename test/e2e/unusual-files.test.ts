// Executables that don't look on disk as they did when they were started.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { ElfImage } from "../binary/edit-elf.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { repository, spawnAgent, startAgent } from "./support/agent.ts";
import { type Collector, startCollector } from "./support/collector.ts";
import { usual } from "./support/matrix.ts";
import { start, stopAll } from "./support/process.ts";
import { buildServer, type Server, startExecutable } from "./support/server.ts";

const goLibrary = join(repository, "test", "fixtures", "binaries", "library");
const hostSource = `
  #include <dlfcn.h>
  #include <stdio.h>
  #include <unistd.h>
  int main(int argc, char **argv) {
    int (*answer)(void) = dlsym(dlopen(argv[1], RTLD_NOW), "Answer");
    printf("%d\\n", answer());
    fflush(stdout);
    for (;;) pause();
  }`;

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
    const { bytes, endOfLoaded } = new ElfImage(await buildServer({ ...usual, stripped: false }));
    await assertTraced(await startFile("cut", bytes.subarray(0, endOfLoaded)));
  });

  test("without any section, as sstrip leaves it", async () => {
    const { bytes } = new ElfImage(await buildServer(usual)).withoutSections();
    await assertTraced(await startFile("sstripped", bytes));
  });

  test("with other names of sections", async () => {
    const { bytes } = new ElfImage(await buildServer({ ...usual, stripped: false })).renameSections();
    await assertTraced(await startFile("renamed", bytes));
  });

  test("a C program that has loaded a library in Go: 6, naming the library", async () => {
    const library = join(directory, "libanswer.so");
    const flags = ["-buildmode=c-shared"];
    await copyFile(
      await buildGo({ go: usual.go, source: goLibrary, flags, env: { CGO_ENABLED: "1" } }),
      library,
    );
    const host = join(directory, "host");
    await writeFile(`${host}.c`, hostSource);
    await promisify(execFile)("cc", ["-o", host, `${host}.c`, "-ldl"]);
    const running = start(host, [library]);
    await running.waitFor(/^42$/m);
    for (const command of [[], ["inspect"]]) {
      const agent = spawnAgent([...command, "--pid", String(running.pid)]);
      assert.equal((await agent.ended()).code, 6, agent.stderr());
      assert.match(agent.stderr(), /isn't a Go program itself: .* shared library \S*libanswer\.so/);
    }
    assert.equal(running.child.exitCode, null);
  });

  async function startFile(name: string, content: Buffer): Promise<Server> {
    const executable = join(directory, name);
    await writeFile(executable, content, { mode: 0o755 });
    return await startExecutable(executable);
  }
});
