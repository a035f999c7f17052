// Every request that the load generator sent is in the agent's account, once.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { isBalanced, startAgent } from "./support/agent.ts";
import { type Collector, startCollector } from "./support/collector.ts";
import { sendLoad } from "./support/load.ts";
import { usual } from "./support/matrix.ts";
import { stopAll } from "./support/process.ts";
import { type Server, startServer } from "./support/server.ts";

describe("account of requests", () => {
  let collector: Collector;
  let server: Server;
  let received = 0;

  before(async () => {
    [collector, server] = await Promise.all([startCollector(), startServer(usual)]);
  });
  after(async () => {
    await server?.stop();
    await collector?.stop();
    await stopAll();
  });

  async function run(connections: number, requests: number, path = "/plain") {
    const agent = await startAgent({
      pid: server.running.pid,
      endpoint: collector.grpcEndpoint,
      protocol: "grpc",
    });
    const url = `http://127.0.0.1:${server.ports.h1}${path}`;
    const load = await sendLoad({ url, connections, requests });
    const { account, code } = await agent.stop();
    const all = (await collector.waitFor((spans) => spans.length >= received + account.exported)).length;
    const arrived = all - received;
    received = all;
    assert.deepEqual({ ...load.errors }, {});
    assert.equal(load.requests, requests);
    assert.equal(code, 0, agent.stderr());
    assert.equal(account.requests, requests, account.line);
    assert.ok(isBalanced(account), account.line);
    assert.equal(arrived, account.exported, "spans that the collector has");
    return account;
  }

  test("50,000 requests over 64 connections: nothing is lost", async (t) => {
    const account = await run(64, 50_000);
    t.diagnostic(account.line);
    assert.equal(account.exported, 50_000, account.line);
  });

  test("50,000 requests over 1,000 connections: it balances, and what is lost has a reason", async (t) => {
    const account = await run(1000, 50_000);
    t.diagnostic(account.line);
  });

  test("10,000 requests at once: each is kept until its handler returns", async (t) => {
    // Each takes a file descriptor of the client and one of the server; Go raises the soft limit by itself.
    const limit = execFileSync("bash", ["-c", "ulimit -Hn"]).toString().trim();
    if (Number(limit) < 10_500) return t.skip(`only ${limit} open files are allowed here`);
    const account = await run(10_000, 10_000, "/sleep/3000");
    t.diagnostic(account.line);
    assert.equal(account.exported, 10_000, account.line);
  });
});
