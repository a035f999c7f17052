// The example of the Auto SDK's own documentation, as its module has it.
import assert from "node:assert/strict";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { isBalanced, startAgent } from "../../e2e/support/agent.ts";
import { startCollector } from "../../e2e/support/collector.ts";
import { stopAll } from "../../e2e/support/process.ts";
import { startExecutable } from "../../e2e/support/server.ts";
import { goCommand } from "../../fixtures/go-binaries.ts";
import { apiFolder } from "./program.ts";

after(stopAll);

const builds = [
  { sdk: "1.0.0", go: "1.22.12" },
  { sdk: "1.2.1", go: "1.26.8" },
];

for (const { sdk, go } of builds)
  test(`the example of the documentation of the Auto SDK ${sdk}`, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), "otel-go-auto-example-"));
    t.after(() => rm(directory, { recursive: true }));
    const program = await startExecutable(await buildExample(sdk, go, directory));
    const collector = await startCollector();
    t.after(() => collector.stop());
    const agent = await startAgent({ pid: program.running.pid, endpoint: collector.httpEndpoint });
    process.kill(program.running.pid, "SIGUSR1");
    await program.running.waitFor(/^done$/m);
    const { account } = await agent.stop();
    assert.ok(isBalanced(account), account.line);
    const spans = await collector.waitFor((all) => all.length >= account.exported);
    assert.equal(spans.length, 1, account.line);
    const [span] = spans;
    assert.deepEqual(
      [span?.name, span?.kind, span?.parentSpanId, span?.attributes, span?.status.code, span?.scope.name],
      ["do.work", "internal", "", {}, "unset", "my.pkg/name"],
    );
    await program.stop();
  });

/** A copy of the module, with what runs the example in place of its tests: Go runs only examples that print. */
async function buildExample(sdk: string, go: string, directory: string): Promise<string> {
  const module = `go.opentelemetry.io/auto/sdk@v${sdk}`;
  const { Dir } = JSON.parse(await goCommand(go, ["mod", "download", "-json", module]));
  const isTest = (path: string) => path.endsWith("_test.go") && !path.endsWith("/example_test.go");
  await cp(Dir, directory, { recursive: true, filter: (path) => !isTest(path) });
  await cp(join(apiFolder, "example", "run_test.go"), join(directory, "run_test.go"));
  const executable = join(directory, "example");
  await goCommand(go, ["test", "-c", "-o", executable, "."], { cwd: directory });
  return executable;
}
