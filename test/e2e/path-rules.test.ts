// Rules for paths: requests that are left out, and shares of others, decided as the Go SDK's sampler would.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { buildGo } from "../fixtures/go-binaries.ts";
import { type Account, isBalanced, repository, startAgent } from "./support/agent.ts";
import { type PlannedRequest, sendAll, transports } from "./support/client.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./support/collector.ts";
import { sendLoad } from "./support/load.ts";
import { describeProgram, programs, usual } from "./support/matrix.ts";
import { sleep, stopAll } from "./support/process.ts";
import { listenerOf, type Server, startServer } from "./support/server.ts";

const leftOut = "left out by a path rule";
const sampledParent = () => `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`;

/** As long as a rule's path may be. */
const long = `/long/${"a".repeat(58)}`;
const longPrefix = `/pref/${"b".repeat(58)}`;
const rules = ["/healthz", "/internal/*", long, `${longPrefix}*`];

/** Requests that leave no span, and requests that leave one, with the path that it has. */
const without: readonly PlannedRequest[] = [
  { path: "/healthz" },
  { path: "/healthz?full=1" },
  { path: "/healthz?" },
  { path: "/healthz", method: "POST", body: 3 },
  { path: "/healthz", headers: [["traceparent", sampledParent()]] },
  { path: "/healthz", headerCount: 40 },
  { path: "/internal/" },
  { path: "/internal/a/b?c=/d" },
  { path: `/internal/${"c".repeat(600)}` },
  { path: long },
  { path: `${long}?${"q".repeat(500)}` },
  { path: longPrefix },
  { path: `${longPrefix}b` },
];
const withSpan: readonly PlannedRequest[] = [
  { path: "/healthz/" },
  { path: "/healthzz" },
  { path: "/health" },
  { path: "/Healthz" },
  { path: "//healthz" },
  { path: "/health%7A" },
  { path: "/bare/healthz" },
  { path: "/bare/?path=/healthz" },
  { path: "/internal" },
  { path: "/" },
  { path: `${long}a` },
  { path: long.slice(0, -1) },
  { path: longPrefix.slice(0, -1) },
];

/** Targets that only HTTP/1 has. */
const raw = (line: string): PlannedRequest => ({
  raw: `${line} HTTP/1.1\nHost: h\nConnection: close\n\n`,
});
const rawWithout = [
  "GET http://shop.example/healthz",
  "GET http://shop.example:8080/healthz?full=1",
  `GET http://${"a".repeat(250)}.example/internal/x`,
];
const rawWithSpan: readonly (readonly [target: string, path: string])[] = [
  ["GET http://shop.example", "/"],
  ["GET http://healthz?a=/healthz", "/"],
  ["GET http://shop.example/health", "/health"],
  ["GET http://shop.example/x://y/healthz", "/x://y/healthz"],
  ["OPTIONS *", "*"],
  ["CONNECT shop.example:443", ""],
];

for (const program of programs)
  describe(`paths that are left out, ${describeProgram(program)}`, () => {
    let collector: Collector;
    let server: Server;
    before(async () => {
      [collector, server] = await Promise.all([startCollector(), startServer(program)]);
    });
    after(async () => {
      await stopAll();
      await collector?.stop();
    });

    for (const transport of transports) {
      const listener = listenerOf(transport, program);
      if (listener !== undefined)
        test(transport, async () => {
          const spoken = transport === "h1";
          const env = { OTEL_GO_AUTO_EXCLUDE_PATHS: rules.join() };
          const { account, spans } = await traced(collector, server, env, async () => {
            const address = { host: "127.0.0.1", port: server.ports[listener] ?? 0, from: "127.0.0.1" };
            // By turns: what one request was decided must not reach the next one of its connection.
            const pairs = without.flatMap((request, index) => [request, withSpan[index] ?? {}]);
            await sendAll(transport, address, pairs);
            if (!spoken) return;
            await sendAll(transport, address, rawWithout.map(raw));
            await sendAll(
              transport,
              address,
              rawWithSpan.map(([target]) => raw(target)),
            );
          });
          const expected = [
            ...withSpan.map(({ path = "" }) => path.replace(/\?.*/, "")),
            ...(spoken ? rawWithSpan.map(([, path]) => path) : []),
          ];
          assert.deepEqual(spans.map(pathOf).sort(), expected.sort());
          assert.deepEqual(account.others, { [leftOut]: without.length + (spoken ? rawWithout.length : 0) });
        });
    }
  });

describe("rules", () => {
  let collector: Collector;
  let server: Server;
  let oracle: string;
  let directory: string;
  before(async () => {
    [collector, server, oracle, directory] = await Promise.all([
      startCollector(),
      startServer(usual),
      buildGo({ go: "1.26.8", source: join(repository, "test", "go-sampler") }),
      mkdtemp(join(tmpdir(), "otel-go-auto-path-rules-")),
    ]);
  });
  after(async () => {
    await stopAll();
    await collector?.stop();
    if (directory) await rm(directory, { recursive: true });
  });

  /** Which of these the Go SDK's sampler takes. */
  function wanted(sampler: string, ratio: string, lines: readonly string[]): readonly string[] {
    const { stdout, stderr, status } = spawnSync(oracle, [sampler, ratio], { input: lines.join("\n") });
    assert.equal(status, 0, stderr.toString());
    const answers = stdout.toString().trim().split("\n");
    return lines.filter((_, index) => answers[index] === "1");
  }

  const load = (path: string) => ({ url: `http://127.0.0.1:${server.ports.h1}${path}`, connections: 64 });

  test("10,000 requests at 64 connections: each path has its own rule's share", async () => {
    const requests = 10_000;
    const env = {
      OTEL_GO_AUTO_EXCLUDE_PATHS: "/bare/1*,/bare/77",
      OTEL_GO_AUTO_SAMPLING_RULES: "/bare/2*=0.25,/bare/29*=1,/bare/3*=1,/bare/15*=1",
    };
    const { account, spans } = await traced(collector, server, env, async () => {
      const { failed } = await sendLoad({ ...load("/bare/{n}"), requests });
      assert.equal(failed, 0);
    });
    const numbers = Array.from({ length: requests }, (_, number) => String(number));
    const count = (begin: string) => numbers.filter((number) => number.startsWith(begin)).length;
    assert.equal(account.requests, requests, account.line);
    assert.equal(account.others[leftOut], count("1") + 1, account.line);
    const seen = (fits: (path: string) => boolean) => spans.filter((span) => fits(pathOf(span)));
    const share = seen((path) => path.startsWith("/bare/2"));
    assert.equal(account.others["not sampled"], count("2") - share.length, account.line);
    assert.equal(
      seen((path) => !/^\/bare\/[12]/.test(path)).length,
      requests - count("1") - count("2") - 1,
      account.line,
    );
    // Six standard deviations of 1,111 draws with probability 1/4.
    assert.ok(Math.abs(share.length - count("2") / 4) < 87, `${share.length} of ${count("2")}`);
    const ids = share.map(({ traceId }) => traceId);
    assert.deepEqual(wanted("traceidratio", "0.25", ids), ids);
  });

  test("a rule decides as the Go SDK's sampler of its ratio, for the same trace ids", async () => {
    const contexts = Array.from({ length: 1000 }, sampledParent);
    const traceparents = join(directory, "contexts");
    await writeFile(traceparents, contexts.join("\n"));
    const env = { OTEL_TRACES_SAMPLER: "always_on", OTEL_GO_AUTO_SAMPLING_RULES: "/plain=0.3" };
    const { spans } = await traced(collector, server, env, async () => {
      await sendLoad({ ...load("/plain"), traceparents });
    });
    const expected = wanted("traceidratio", "0.3", contexts).map((context) => context.slice(3, 35));
    assert.deepEqual(spans.map(({ traceId }) => traceId).sort(), expected.sort());
  });

  const parents = [`${sampledParent().slice(0, -1)}0`, sampledParent()];

  test("a remote parent's decision stands before a share, under a sampler that asks for parents", async () => {
    const env = { OTEL_GO_AUTO_SAMPLING_RULES: "/plain=0.000001,/hidden*=0" };
    const { account, spans } = await traced(collector, server, env, async () => {
      for (const traceparent of parents)
        for (const path of ["/plain", "/hidden"]) await fetch(load(path).url, { headers: { traceparent } });
    });
    assert.deepEqual(
      spans.map(({ traceId }) => traceId),
      [parents[1]?.slice(3, 35)],
    );
    assert.deepEqual(account.others, { "not sampled": 1, [leftOut]: 2 });
  });

  test("the first rule that fits counts, and * is the last one", async () => {
    const env = {
      OTEL_TRACES_SAMPLER: "always_off",
      OTEL_GO_AUTO_SAMPLING_RULES: "/bare/a=1, /bare/*=0, /plain=1, *=0",
    };
    const { account, spans } = await traced(collector, server, env, async () => {
      for (const path of ["/bare/a", "/bare/b", "/plain", "/other"]) await fetch(load(path).url);
    });
    assert.deepEqual(spans.map(pathOf), ["/bare/a", "/plain"]);
    assert.deepEqual(account.others, { [leftOut]: 2 });
  });

  test("the config file changes rules in the running agent", async () => {
    const file = join(directory, "agent.yaml");
    /** As editors do it, so that nobody reads half of it. */
    const write = async (text: string) => {
      await writeFile(`${file}.new`, text);
      await rename(`${file}.new`, file);
    };
    await write("sampling: {exclude_paths: [/plain], rules: [/bare/*=1]}\n");
    const already = (await collector.spans()).length;
    const agent = await startAgent({
      pid: server.running.pid,
      endpoint: collector.httpEndpoint,
      args: ["--config", file],
    });
    /** The change is told before it is made: what is said after it tells that it was. */
    const changed = async (pattern: RegExp) => {
      await agent.running.waitFor(pattern, 30_000);
      const before = agent.stderr().length;
      agent.running.child.kill("SIGHUP");
      const deadline = Date.now() + 30_000;
      while (!agent.stderr().includes("nothing has changed", before)) {
        assert.ok(Date.now() < deadline, agent.stderr());
        await sleep(20);
      }
    };
    const visit = () => Promise.all(["/plain", "/bare/a", "/bare/b"].map((path) => fetch(load(path).url)));
    await visit();
    await write("sampling: {exclude_paths: [/bare/a]}\n");
    await changed(/sampling\.rules: \/plain 0, \/bare\/\* 1 → \/bare\/a 0/);
    await visit();
    await write("sampling: {sampler: always_off, rules: [/plain=1]}\n");
    await changed(/sampling\.rules: \/bare\/a 0 → \/plain 1/);
    await visit();
    const { account } = await agent.stop();
    assert.deepEqual(account.others, { "not sampled": 2, [leftOut]: 2 }, account.line);
    const spans = await collector.waitFor((all) => all.length >= already + account.exported);
    assert.deepEqual(spans.slice(already).map(pathOf).sort(), [
      "/bare/a",
      "/bare/b",
      "/bare/b",
      "/plain",
      "/plain",
    ]);
  });

  test("32 rules, of which the last one fits", async () => {
    const many = Array.from({ length: 31 }, (_, index) => `/no/such/${index}`);
    const env = { OTEL_GO_AUTO_EXCLUDE_PATHS: [...many, "/plain"].join() };
    const { account } = await traced(collector, server, env, async () => {
      await sendLoad({ ...load("/plain"), requests: 100 });
    });
    assert.deepEqual([account.requests, account.others], [100, { [leftOut]: 100 }]);
  });
});

/** The account, and the spans, of what is sent while an agent with this environment is attached. */
async function traced(
  collector: Collector,
  server: Server,
  env: Record<string, string>,
  send: () => Promise<void>,
): Promise<{ account: Account; spans: readonly ReceivedSpan[] }> {
  const already = (await collector.spans()).length;
  const agent = await startAgent({ pid: server.running.pid, endpoint: collector.httpEndpoint, env });
  await send();
  const { account } = await agent.stop();
  assert.ok(isBalanced(account), account.line);
  const spans = await collector.waitFor((all) => all.length >= already + account.exported);
  return { account, spans: spans.slice(already) };
}

const pathOf = ({ attributes }: ReceivedSpan) => String(attributes["url.path"]);
