// Runs test/libraries/*/cases.yaml: a real Go server, the agent, a real collector, and whole spans compared.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Agent, isBalanced, repository, startAgent } from "./support/agent.ts";
import { type Case, fill, inWordsOfCase, readCases } from "./support/cases.ts";
import { type Done, sendAll, type Transport } from "./support/client.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./support/collector.ts";
import { describeProgram, programs } from "./support/matrix.ts";
import { stopAll } from "./support/process.ts";
import { type GoProgram, listenerOf, type Server, startServer } from "./support/server.ts";

const file = readCases(join(repository, "test", "libraries", "net", "http", "server", "cases.yaml"));

/** Clocks of the two sides are the same one, but the agent turns monotonic stamps into wall-clock time. */
const clockTolerance = 50;

for (const program of programs) {
  describe(`net/http server, ${describeProgram(program)}`, () => {
    let collector: Collector;
    let server: Server;
    let agent: Agent;
    let byPort: Map<number, ReceivedSpan[]>;
    const sent = new Map<string, Done[]>();
    const planned = plan(program);

    before(async () => {
      [collector, server] = await Promise.all([startCollector(), startServer(program)]);
      agent = await startAgent({ pid: server.running.pid, endpoint: collector.httpEndpoint });
      for (const { key, transport, item, listener } of planned) {
        const port = server.ports[listener] ?? 0;
        const facts = factsOf(transport, item, port, 0);
        const host = item.to === "ipv6" ? "::1" : "127.0.0.1";
        sent.set(key, await sendAll(transport, { host, port }, fill(item.requests, facts)));
      }
      const expected = planned.reduce((sum, { item }) => sum + item.expect.length, 0);
      const spans = await collector.waitFor((all) => all.length >= expected);
      byPort = groupByPort(spans);
    });

    after(async () => {
      await agent?.stop();
      await server?.stop();
      await collector?.stop();
      await stopAll();
    });

    for (const { key, transport, item, listener } of planned) {
      test(key, () => {
        const done = sent.get(key) ?? [];
        const spans = spansOf(done, byPort);
        assert.equal(
          spans.length,
          item.expect.length,
          `${spans.length} spans for ports ${done.map((d) => d.port)}`,
        );
        for (const [index, expected] of item.expect.entries()) {
          const span = spans[index] as ReceivedSpan;
          const { port, before, after } = done[index] as Done;
          const facts = factsOf(transport, item, server.ports[listener] ?? 0, port);
          assert.deepEqual(inWordsOfCase(span, expected), fill(expected, facts));
          assert.equal(span.scope.name, file.scope);
          assertTimes(span, before, after);
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
      assert.equal(account.exported, (await collector.spans()).length, account.line);
    });
  });
}

interface Planned {
  readonly key: string;
  readonly transport: Transport;
  readonly item: Case;
  readonly listener: string;
}

/** Every case over every transport that the program serves. */
function plan(program: GoProgram): Planned[] {
  return file.cases.flatMap((item) =>
    item.over.flatMap((transport): Planned[] => {
      const listener = listenerOf(transport, program);
      if (listener === undefined) return [];
      const key = `${item.name} (${transport})`;
      return [{ key, transport, item, listener: item.to === "ipv6" ? `${listener}-ipv6` : listener }];
    }),
  );
}

function factsOf(transport: Transport, item: Case, serverPort: number, clientPort: number) {
  const address = item.to === "ipv6" ? "::1" : "127.0.0.1";
  const secure = transport === "h1s" || transport === "h2";
  return {
    scheme: secure ? "https" : "http",
    authority: `${address}:${serverPort}`,
    serverAddress: address,
    serverPort,
    defaultPort: secure ? 443 : 80,
    clientAddress: address,
    clientPort,
    httpVersion: transport.startsWith("h2") ? "2" : "1.1",
  };
}

function groupByPort(spans: readonly ReceivedSpan[]): Map<number, ReceivedSpan[]> {
  const groups = new Map<number, ReceivedSpan[]>();
  for (const span of spans) {
    const port = Number(span.attributes["network.peer.port"]);
    groups.set(port, [...(groups.get(port) ?? []), span]);
  }
  return groups;
}

/** The k-th request from a port made the k-th span of that port. */
function spansOf(
  done: readonly Done[],
  byPort: ReadonlyMap<number, readonly ReceivedSpan[]>,
): ReceivedSpan[] {
  const ports = [...new Set(done.map(({ port }) => port))];
  const spans = ports.flatMap((port) => byPort.get(port) ?? []);
  return spans.sort((a, b) => (a.start < b.start ? -1 : 1));
}

function assertTimes(span: ReceivedSpan, before: number, after: number): void {
  const [start, end] = [Number(span.start / 1_000_000n), Number(span.end / 1_000_000n)];
  assert.ok(span.start <= span.end, "it ends before it starts");
  assert.ok(start >= before - clockTolerance, `it starts ${before - start} ms before its request`);
  assert.ok(start <= after + clockTolerance, `it starts ${start - after} ms after its response`);
  assert.ok(end >= before, "it ends before its request");
}
