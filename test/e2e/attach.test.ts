// Attaching, detaching and dying under load never fails a request of the target.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Agent, startAgent } from "./support/agent.ts";
import { type Collector, startCollector } from "./support/collector.ts";
import { startLoad } from "./support/load.ts";
import { usual } from "./support/matrix.ts";
import { sleep, stopAll } from "./support/process.ts";
import { type Server, startServer } from "./support/server.ts";

/** As many requests at most have begun when the probes come, and lack a start. */
const connections = 8;

/** OTEL_GO_AUTO_FULL=1 takes several minutes more. */
const cycles = process.env.OTEL_GO_AUTO_FULL === "1" ? 200 : 10;

describe("attach and detach under load", () => {
  let collector: Collector;
  let server: Server;

  before(async () => {
    [collector, server] = await Promise.all([startCollector(), startServer(usual)]);
  });
  after(async () => {
    await server?.stop();
    await collector?.stop();
    await stopAll();
  });

  const attach = (): Promise<Agent> =>
    startAgent({ pid: server.running.pid, endpoint: collector.httpEndpoint });
  const url = (path: string) => `http://127.0.0.1:${server.ports.h1}${path}`;

  for (const path of ["/plain", "/deep/3000"]) {
    test(`${cycles} cycles, ${path}: no failed request`, async () => {
      const load = await startLoad({ url: url(path), connections, headers: 12 });
      for (let cycle = 0; cycle < cycles; cycle++) {
        const agent = await attach();
        const { code } = await agent.stop();
        assert.equal(code, 0, agent.stderr());
        const [, unseen = "0"] = /([\d,]+) requests without a span: their start/.exec(agent.stderr()) ?? [];
        assert.ok(Number(unseen.replaceAll(",", "")) <= connections, agent.stderr());
      }
      const { requests, failed, errors } = await load.stop();
      assert.ok(requests > 0);
      assert.equal(failed, 0, JSON.stringify(errors));
      assert.equal(server.running.child.exitCode, null, "the server lives");
    });
  }

  test("SIGKILL of the agent under load: no failed request, and a new one attaches and traces", async () => {
    const load = await startLoad({ url: url("/plain"), connections: 8 });
    const first = await attach();
    await sleep(500);
    await first.running.stop("SIGKILL");
    const before = (await collector.spans()).length;
    const second = await attach();
    const spans = await collector.waitFor((all) => all.length > before + 100);
    const { failed, errors } = await load.stop();
    const { code, account } = await second.stop();
    assert.equal(failed, 0, JSON.stringify(errors));
    assert.ok(spans.length > before + 100, second.stderr());
    assert.equal(code, 0, second.stderr());
    assert.ok(account.exported > 100, account.line);
  });
});
