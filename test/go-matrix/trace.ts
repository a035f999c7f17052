import assert from "node:assert/strict";
import { isBalanced, startAgent } from "../e2e/support/agent.ts";
import { type Done, sendAll, type Transport } from "../e2e/support/client.ts";
import type { Collector, ReceivedSpan } from "../e2e/support/collector.ts";
import { type Server, startExecutable } from "../e2e/support/server.ts";
import { type Asked, type Ends, expected, requestsOver, said, toSend } from "./requests.ts";

/** Which listener a transport goes to; a program has some of them. */
const listeners: Readonly<Record<Transport, string>> = {
  h1: "h1",
  h1s: "tls",
  h2: "tls",
  h2c: "h2c",
  h2cx: "h2c-x",
};

/**
 * Starts the program, attaches the agent to it, sends requests over all transports, and compares every span that
 * the collector received with what was sent. Throws when anything differs. Gives the transports.
 */
export async function traceProgram(executable: string, go: string, collector: Collector) {
  const server = await startExecutable(executable);
  try {
    const service = `matrix-${server.running.pid}`;
    const agent = await startAgent({
      pid: server.running.pid,
      endpoint: collector.httpEndpoint,
      args: ["--service-name", service],
    });
    const transports = transportsOf(server);
    const sent = (await Promise.all(transports.map((transport) => send(server, transport)))).flat();
    const { code, account } = await agent.stop();
    const own = ({ resource }: ReceivedSpan) => resource["service.name"] === service;
    const spans = (await collector.waitFor((all) => all.filter(own).length >= sent.length, 2000)).filter(own);

    assert.equal(code, 0, agent.stderr());
    compare(sent, spans, go);
    assert.equal(account.requests, sent.length, account.line);
    assert.ok(isBalanced(account), account.line);
    assert.equal(server.running.child.exitCode, null, "the program lives on");
    return transports;
  } finally {
    await server.stop();
  }
}

interface Sent {
  readonly asked: Asked;
  readonly done: Done;
  readonly ends: Ends;
}

function transportsOf({ ports }: Server): Transport[] {
  const all = Object.entries(listeners) as [Transport, string][];
  return all.filter(([, listener]) => listener in ports).map(([transport]) => transport);
}

async function send({ ports }: Server, transport: Transport): Promise<Sent[]> {
  const serverPort = ports[listeners[transport]] ?? 0;
  const clientAddress = "127.0.0.1";
  const asked = requestsOver(transport);
  const address = { host: "127.0.0.1", port: serverPort, from: clientAddress };
  const all = await sendAll(transport, address, asked.map(toSend));
  return asked.map((asked, index) => {
    const done = all[index] as Done;
    return { asked, done, ends: { clientAddress, clientPort: done.port, serverPort } };
  });
}

function compare(sent: readonly Sent[], spans: readonly ReceivedSpan[], go: string): void {
  const byQuery = new Map(spans.map((span) => [span.attributes["url.query"], span]));
  for (const { asked, done, ends } of sent) {
    const what = `${asked.kind.method} ${asked.kind.path}, ${asked.query}`;
    assert.equal(done.status, asked.kind.status, `the response's status, ${what}`);
    const span = byQuery.get(asked.query);
    assert.ok(span, `no span of ${what}; ${spans.length} spans of ${sent.length} requests came`);
    assert.deepEqual(said(span), expected(asked, go, ends), `the span of ${what} is another`);
    assert.ok(span.start < span.end, `${what} ends before it starts`);
  }
  assert.equal(spans.length, sent.length, "spans");
  assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, spans.length, "span ids differ");
}
