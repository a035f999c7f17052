// Calls with context.Background() on goroutines that a handler starts: docs/parents.md, rule 4.
import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { startAgent } from "./support/agent.ts";
import { sendAll } from "./support/client.ts";
import { type ReceivedSpan, startCollector } from "./support/collector.ts";
import { startClient } from "./support/http-client.ts";

const clients = 8;
const requests = 3;
/** What /go-background calls in one request, each on a goroutine of its own. */
const calls = 4;

test("one processor: all are children of their handler's request", async (t) => {
  const { children, roots } = await callsOf(t, { GOMAXPROCS: "1" });
  assert.equal(roots, 0);
  assert.equal(children, clients * requests * calls);
});

/** Whether a handler goes on where it began is up to Go's scheduler. */
test("several processors: some have no parent, none a wrong one", async (t) => {
  const { children, roots } = await callsOf(t, { GOMAXPROCS: "4" });
  assert.ok(children > 0);
  assert.equal(children + roots, clients * requests * calls);
});

async function callsOf(t: TestContext, env: Record<string, string>) {
  const [collector, program] = await Promise.all([startCollector(), startClient("1.26.8", true, env)]);
  t.after(() => collector.stop());
  t.after(() => program.stop());
  const agent = await startAgent({ pid: program.server.running.pid, endpoint: collector.httpEndpoint });
  t.after(() => agent.running.stop("SIGKILL"));
  const port = program.server.ports.h1 ?? 0;
  const marked = Array.from({ length: clients }, (_, client) =>
    Array.from({ length: requests }, (_, n) => ({ path: `/go-background?case=${client}-${n}.` })),
  );
  await Promise.all(
    marked.map((own, n) => sendAll("h1", { host: "127.0.0.1", port, from: `127.2.0.${n + 1}` }, own)),
  );
  const spans = await collector.waitFor((all) => all.length >= clients * requests * (1 + calls));
  return countParents(spans);
}

/** Fails for a call whose parent is another one's request. */
function countParents(spans: readonly ReceivedSpan[]) {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const made = spans.filter(({ kind }) => kind === "client");
  const found = made.map((call) => ({ call, parent: byId.get(call.parentSpanId) }));
  for (const { call, parent } of found)
    if (parent) assert.equal(caseOf(call, "url.full"), caseOf(parent, "url.query"));
    else assert.equal(call.parentSpanId, "");
  const children = found.filter(({ parent }) => parent).length;
  return { children, roots: made.length - children };
}

function caseOf({ attributes }: ReceivedSpan, name: string): string | undefined {
  return /case=[-\d]+\./.exec(String(attributes[name]))?.[0];
}
