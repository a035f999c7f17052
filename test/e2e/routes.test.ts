// Runs each router's routes.yaml below test/libraries: its oldest and newest version, and whole spans compared.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { addon } from "../../src/kernel/index.ts";
import { type Agent, isBalanced, startAgent } from "./support/agent.ts";
import { inWordsOfCase } from "./support/cases.ts";
import { sendAll } from "./support/client.ts";
import { type Collector, startCollector } from "./support/collector.ts";
import { stopAll } from "./support/process.ts";
import { runsOf } from "./support/program-runs.ts";
import { buildRouter, expectedSpan, type Facts, readRouters } from "./support/routers.ts";
import { type Server, startExecutable } from "./support/server.ts";

for (const router of readRouters())
  for (const program of router.programs)
    describe(`${router.path}, ${program.version}, Go ${program.go}`, () => {
      let collector: Collector;
      let server: Server;
      let agent: Agent;
      let runs: Readonly<Record<string, number>>;
      const requests = router.cases.length + (router.first ? 1 : 0);
      const sent = new Map<string, Facts>();

      before(async () => {
        const statistics = new (addon().RunStats)();
        server = await startExecutable(await buildRouter(router, program));
        collector = await startCollector();
        agent = await startAgent({ pid: server.running.pid, endpoint: collector.httpEndpoint });
        if (router.first) {
          const address = { host: "127.0.0.1", port: server.ports.h1 ?? 0, from: "127.0.0.1" };
          await sendAll("h1", address, [router.first]);
          await agent.running.waitFor(new RegExp(`${router.name}: attached`));
        }
        for (const { name, request, to } of router.cases) {
          const serverPort = server.ports[to] ?? 0;
          const address = { host: "127.0.0.1", port: serverPort, from: "127.0.0.1" };
          const [done] = await sendAll("h1", address, [request]);
          assert.ok(done);
          sent.set(name, { serverPort, clientPort: done.port });
        }
        await collector.waitFor((all) => all.length >= requests);
        runs = runsOf(agent.running.pid);
        statistics.close();
      });

      after(async () => {
        await agent?.stop();
        await server?.stop();
        await collector?.stop();
        await stopAll();
      });

      for (const item of router.cases)
        test(item.name, async () => {
          const facts = sent.get(item.name);
          assert.ok(facts);
          const spans = (await collector.spans()).filter(
            ({ attributes }) =>
              attributes["network.peer.port"] === facts.clientPort &&
              attributes["server.port"] === facts.serverPort,
          );
          assert.equal(spans.length, 1);
          const [span] = spans;
          assert.ok(span);
          const expected = expectedSpan(item, facts);
          assert.deepEqual(inWordsOfCase(span, expected), expected);
        });

      test("one hit a request that gets there", () => {
        const own = Object.entries(runs).filter(([program]) => !program.startsWith("http_"));
        assert.equal(own.find(([, count]) => count > 0)?.[1], router.hits, JSON.stringify(runs));
      });

      test("the router is attached, and the account balances", async () => {
        const { code, account } = await agent.stop();
        assert.equal(code, 0, agent.stderr());
        assert.match(agent.stderr(), new RegExp(`${router.name}: attached, (1 probe\n|for requests)`));
        assert.equal(account.requests, requests, account.line);
        assert.ok(isBalanced(account), account.line);
      });
    });
