import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test from "node:test";
import { start } from "../e2e/support/process.ts";
import { startServer } from "../e2e/support/server.ts";

const repository = join(import.meta.dirname, "../..");

test("the npm package traces by itself: no compiler, no node_modules, no install step", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "otel-go-auto-package-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const options = { cwd: repository, encoding: "utf8" } as const;
  const name = execFileSync(
    "npm",
    ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder],
    options,
  );
  execFileSync("tar", ["-xzf", join(folder, name.trim()), "-C", folder]);
  const installed = join(folder, "package");
  assert.equal(existsSync(join(installed, "node_modules")), false);

  // Its own offsets.json is there and found: nothing that has the same content is newer.
  const sum = createHash("sha256")
    .update(readFileSync(join(installed, "offsets.json")))
    .digest("hex");
  writeFileSync(join(installed, "offsets.json.sha256"), `${sum}  offsets.json\n`);
  const update = spawnSync(
    join(installed, "bin/otel-go-auto"),
    ["update-offsets", "--from", join(installed, "offsets.json")],
    {
      encoding: "utf8",
      env: { PATH: dirname(process.execPath), OTEL_GO_AUTO_OFFSETS_FILE: join(folder, "none.json") },
    },
  );
  assert.match(update.stderr, /offsets are up to date: \d+ fields?/);

  const server = await startServer({ go: "1.26.8", stripped: true, program: "std" });
  t.after(() => server.stop());
  const env = { PATH: dirname(process.execPath), OTEL_TRACES_EXPORTER: "console" };
  const agent = start(join(installed, "bin/otel-go-auto"), ["--pid", String(server.running.pid)], {
    cwd: folder,
    env,
  });
  t.after(() => agent.stop("SIGKILL"));
  await agent.waitFor(/net\/http server: attached/, 30_000);
  await fetch(`http://127.0.0.1:${server.ports.h1}/items/7`);
  await agent.waitFor(/GET \/items\/\{id\}/, 10_000);
  assert.equal((await agent.stop("SIGINT")).code, 0);
  assert.match(agent.stderr(), /spans 1 = 1 exported/);
});
