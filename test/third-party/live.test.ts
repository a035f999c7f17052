/** Real servers of other people are traced while they run: one request to each, one span of it. */
import assert from "node:assert/strict";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { isBalanced, startAgent } from "../e2e/support/agent.ts";
import { type Collector, startCollector } from "../e2e/support/collector.ts";
import { freePorts, type Running, sleep, start, stopAll } from "../e2e/support/process.ts";
import { fetchPackage } from "./fetch.ts";
import { packages, wanted } from "./packages.ts";
import { servers, type ThirdPartyServer, writeFiles } from "./servers.ts";

describe("servers", { skip: !wanted && "OTEL_GO_AUTO_THIRD_PARTY is not 1" }, () => {
  let collector: Collector;
  before(async () => {
    collector = await startCollector();
  });
  after(async () => {
    await collector?.stop();
    await stopAll();
  });

  for (const server of servers) {
    test(`${server.from} ${server.package}`, async (t) => {
      const [running, url] = await startServer(t, server);
      const agent = await startAgent({ pid: running.pid, endpoint: collector.httpEndpoint });
      t.diagnostic(agent.stderr().match(/attached to .*/)?.[0] ?? "");
      const begun = BigInt(Date.now()) * 1_000_000n;
      const answer = await fetch(url);
      await answer.arrayBuffer();
      const ours = (await collector.waitFor((spans) => spans.some(isOurs))).filter(isOurs);
      const { account } = await agent.stop();
      assert.equal(ours.length, 1, `${agent.stderr()}\n${running.stderr()}`);
      assert.equal(ours[0]?.attributes["http.response.status_code"], answer.status);
      assert.equal(ours[0]?.attributes["server.port"], Number(new URL(url).port));
      assert.equal(ours[0]?.resource["service.name"], basename(server.file));
      assert.ok(isBalanced(account), account.line);

      function isOurs({ kind, start, attributes }: Awaited<ReturnType<Collector["spans"]>>[number]): boolean {
        // Some servers ask themselves for something now and then.
        return kind === "server" && start >= begun - 1_000_000n && attributes["url.path"] === server.path;
      }
    });
  }
});

/** Starts it in a directory of its own, until the end of the test. */
async function startServer(t: TestContext, server: ThirdPartyServer): Promise<[Running, url: string]> {
  const wanted = packages.find(({ name, from }) => name === server.package && from === server.from);
  assert.ok(wanted);
  const file = join(await fetchPackage(wanted), server.file);
  await chmod(file, 0o755); // some archives don't keep the mode
  const directory = await mkdtemp(join(tmpdir(), "third-party-"));
  const [port = 0] = await freePorts(1);
  await writeFiles(directory, server.files ?? {});
  const env = { PATH: process.env.PATH, HOME: directory, TMPDIR: directory };
  const running = start(file, server.args(port, directory), { cwd: directory, env });
  t.after(async () => {
    await running.stop("SIGTERM", 10_000);
    await rm(directory, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${port}${server.path}`;
  await untilAnswered(url, running);
  return [running, url];
}

async function untilAnswered(url: string, running: Running): Promise<void> {
  for (const deadline = Date.now() + 60_000; ; await sleep(100)) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.status === 200) return;
    const ended = running.child.exitCode !== null;
    assert.ok(!ended && Date.now() < deadline, `no answer\n${running.stdout()}\n${running.stderr()}`);
  }
}
