// Runs test/libraries/*/cases.yaml: a real Go server, the agent, a real collector, and whole spans compared.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Agent, isBalanced, repository, startAgent } from "./support/agent.ts";
import { type Case, fill, inWordsOfCase, readCases, withoutRoute } from "./support/cases.ts";
import { type Done, sendAll, type Transport } from "./support/client.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./support/collector.ts";
import { describeProgram, programs } from "./support/matrix.ts";
import { stopAll } from "./support/process.ts";
import { type GoProgram, isBefore, listenerOf, type Server, startServer } from "./support/server.ts";

const file = readCases(join(repository, "test", "libraries", "net", "http", "server", "cases.yaml"));

/** Clocks of the two sides are the same one, but the agent turns monotonic stamps into wall-clock time. */
const clockTolerance = 50;

for (const program of programs) {
  describe(`net/http server, ${describeProgram(program)}`, () => {
    let collector: Collector;
    let server: Server;
    let agent: Agent;
    let byClient: Map<string, ReceivedSpan[]>;
    const sent = new Map<string, Done[]>();
    const planned = plan(program);

    before(async () => {
      [collector, server] = await Promise.all([startCollector(), startServer(program)]);
      agent = await startAgent({ pid: server.running.pid, endpoint: collector.httpEndpoint });
      for (const plan of planned) {
        const { key, transport, item, listener, from } = plan;
        const address = { host: hostOf(item), port: server.ports[listener] ?? 0, from };
        sent.set(key, await sendAll(transport, address, fill(item.requests, factsOf(plan, address.port, 0))));
      }
      const expected = planned.reduce((sum, { item }) => sum + item.expect.length, 0);
      const spans = await collector.waitFor((all) => all.length >= expected);
      byClient = groupByClient(spans);
    });

    after(async () => {
      await agent?.stop();
      await server?.stop();
      await collector?.stop();
      await stopAll();
    });

    for (const plan of planned) {
      test(plan.key, () => {
        const { key, item, listener, from } = plan;
        const done = sent.get(key) ?? [];
        const spans = spansOf(from, done, byClient);
        const statuses = done.map(({ status }) => status);
        assert.equal(spans.length, item.expect.length, `spans; the responses were ${statuses}`);
        for (const [index, expected] of item.expect.entries()) {
          const span = spans[index] as ReceivedSpan;
          const { port, before, after, status } = done[index] as Done;
          const facts = factsOf(plan, server.ports[listener] ?? 0, port);
          assert.deepEqual(inWordsOfCase(span, expected), fill(expected, facts));
          assert.equal(span.scope.name, file.scope);
          assertTimes(span, before, after);
          const said = expected.attributes["http.response.status_code"];
          if (said !== undefined && status !== undefined) assert.equal(status, said, "the client's status");
        }
        const [first] = spans;
        if (first) assert.ok(first.end - first.start >= BigInt(item.minimumMilliseconds) * 1_000_000n);
      });
    }

    test("ids are all different and never zero", async () => {
      const spans = await collector.spans();
      assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, spans.length);
      const roots = spans.filter(({ parentSpanId }) => parentSpanId === "");
      assert.equal(new Set(roots.map(({ traceId }) => traceId)).size, roots.length);
      for (const { traceId, spanId } of spans) {
        assert.match(traceId, /^(?!0{32})[0-9a-f]{32}$/);
        assert.match(spanId, /^(?!0{16})[0-9a-f]{16}$/);
      }
    });

    test("the end: exit code 0, and an account that balances", async () => {
      const { code, account } = await agent.stop();
      assert.equal(code, 0, agent.stderr());
      const requests = planned.reduce((sum, { item }) => sum + item.requests.length, 0);
      assert.equal(account.requests, requests, account.line);
      assert.ok(isBalanced(account), account.line);
      assert.doesNotMatch(agent.stderr(), /start was not seen/);
      assert.equal(account.exported, (await collector.spans()).length, account.line);
    });
  });
}

interface Planned {
  readonly key: string;
  readonly transport: Transport;
  readonly item: Case;
  readonly listener: string;
  /** The client's address. Each case has its own, as ports come again. */
  readonly from: string;
}

/** Every case over every transport that the program serves. */
function plan(program: GoProgram): Planned[] {
  const planned: Planned[] = [];
  for (const item of casesOf(program)) {
    for (const transport of item.over) {
      const listener = listenerOf(transport, program);
      if (listener === undefined) continue;
      const key = `${item.name} (${transport})`;
      const number = planned.length + 1;
      const from = item.to === "ipv6" ? "::1" : `127.1.${number >> 8}.${number & 255}`;
      planned.push({
        key,
        transport,
        item,
        from,
        listener: item.to === "ipv6" ? `${listener}-ipv6` : listener,
      });
    }
  }
  return planned;
}

/** What a program of this Go version can do, and be asked. */
function casesOf({ go }: GoProgram): readonly Case[] {
  const cases = file.cases.filter(({ since }) => !isBefore(go, since));
  if (!isBefore(go, 22)) return cases;
  return cases.map((item) => ({ ...item, expect: item.expect.map(withoutRoute) }));
}

function hostOf({ to }: Case): string {
  return to === "ipv6" ? "::1" : "127.0.0.1";
}

function factsOf({ transport, item, from }: Planned, serverPort: number, clientPort: number) {
  const secure = transport === "h1s" || transport === "h2";
  return {
    scheme: secure ? "https" : "http",
    authority: `${hostOf(item)}:${serverPort}`,
    serverAddress: hostOf(item),
    serverPort,
    defaultPort: secure ? 443 : 80,
    clientAddress: from,
    clientPort,
    httpVersion: transport.startsWith("h2") ? "2" : "1.1",
  };
}

function clientKey(address: unknown, port: unknown): string {
  return `${address} ${port}`;
}

function groupByClient(spans: readonly ReceivedSpan[]): Map<string, ReceivedSpan[]> {
  const groups = new Map<string, ReceivedSpan[]>();
  for (const span of spans) {
    const key = clientKey(span.attributes["network.peer.address"], span.attributes["network.peer.port"]);
    groups.set(key, [...(groups.get(key) ?? []), span]);
  }
  return groups;
}

/** The k-th request made the k-th span of its client. */
function spansOf(
  from: string,
  done: readonly Done[],
  byClient: ReadonlyMap<string, readonly ReceivedSpan[]>,
): ReceivedSpan[] {
  const keys = [...new Set(done.map(({ port }) => clientKey(from, port)))];
  const spans = keys.flatMap((key) => byClient.get(key) ?? []);
  return spans.sort((a, b) => (a.start < b.start ? -1 : 1));
}

function assertTimes(span: ReceivedSpan, before: number, after: number): void {
  const [start, end] = [Number(span.start / 1_000_000n), Number(span.end / 1_000_000n)];
  assert.ok(span.start <= span.end, "it ends before it starts");
  assert.ok(start >= before - clockTolerance, `it starts ${before - start} ms before its request`);
  assert.ok(start <= after + clockTolerance, `it starts ${start - after} ms after its response`);
  assert.ok(end >= before, "it ends before its request");
}
