// A server that traces its gRPC calls itself, with OpenTelemetry's SDK: each call has one server span.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { buildGo } from "../fixtures/go-binaries.ts";
import { isBalanced, repository, startAgent } from "./support/agent.ts";
import { startCollector } from "./support/collector.ts";
import { newestGrpc, startFront } from "./support/grpc.ts";
import { stopAll } from "./support/process.ts";
import { startExecutable } from "./support/server.ts";

const source = join(repository, "test", "e2e", "programs", "grpc-traced");
const scopeOf = (library: string) => `otel-go-auto/${library}`;

after(() => stopAll());

for (const { title, go, flags } of [
  { title: "a stats handler", go: "1.26.8", flags: [] },
  {
    title: "an interceptor, before there was one",
    go: "1.22.12",
    flags: ["-modfile=v1_58.mod", "-tags=interceptor"],
  },
])
  test(`otelgrpc as ${title}: its span is the only one, and the parent of what the handler does`, async (t) => {
    const [collector, program] = await Promise.all([
      startCollector(),
      buildGo({ go, source, flags: ["-ldflags=-s -w", ...flags] }).then((path) => startExecutable(path)),
    ]);
    t.after(() => Promise.all([program.stop(), collector.stop()]));
    const { traced = 0, plain = 0 } = program.ports;
    const front = await startFront(newestGrpc, {
      traced: `127.0.0.1:${traced}`,
      plain: `127.0.0.1:${plain}`,
    });
    t.after(() => front.stop());
    const agent = await startAgent({ pid: program.running.pid, endpoint: collector.httpEndpoint });
    for (const to of ["traced", "plain"]) {
      const response = await fetch(`http://127.0.0.1:${front.ports.h1}/call?kind=health&to=${to}`);
      assert.equal(response.headers.get("grpc-codes"), "OK");
    }
    const [, trace = "", span = ""] = await program.running.waitFor(/^span (\w+) (\w+)$/m);
    // Of each call the request that its handler makes, at both ends, and one span of ours.
    await collector.waitFor((all) => all.length >= 5);
    const { code, account } = await agent.stop();
    assert.equal(code, 0, agent.stderr());
    assert.ok(isBalanced(account), account.line);
    const spans = await collector.spans();
    assert.equal(spans.length, 5, account.line);
    assert.match(account.line, /\b1 left to the program, which traces them itself\b/);

    const [own, ...others] = spans.filter(
      ({ scope }) => scope.name === scopeOf("google.golang.org/grpc/server"),
    );
    assert.ok(own);
    assert.deepEqual(others, []);
    assert.equal(own.attributes["server.port"], plain);
    const requests = spans.filter(({ scope }) => scope.name === scopeOf("net/http/client"));
    assert.deepEqual(
      new Set(requests.map(({ traceId, parentSpanId }) => `${traceId} ${parentSpanId}`)),
      new Set([`${trace} ${span}`, `${own.traceId} ${own.spanId}`]),
    );
  });
