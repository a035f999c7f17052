// A program that traces its gRPC calls itself, with OpenTelemetry's SDK: each call has one client span.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { buildGo } from "../fixtures/go-binaries.ts";
import { isBalanced, repository, startAgent } from "./support/agent.ts";
import { startCollector } from "./support/collector.ts";
import { newestGrpc, startGrpc } from "./support/grpc.ts";
import { stopAll } from "./support/process.ts";
import { startExecutable } from "./support/server.ts";

const source = join(repository, "test", "e2e", "programs", "grpc-traced");
const scope = "otel-go-auto/google.golang.org/grpc/client";

after(() => stopAll());

for (const { title, go, flags } of [
  { title: "a stats handler", go: "1.26.8", flags: [] },
  {
    title: "an interceptor, before there was one",
    go: "1.22.12",
    flags: ["-modfile=v1_58.mod", "-tags=interceptor"],
  },
])
  test(`otelgrpc as ${title}: calls that it traces have no span of ours`, async (t) => {
    const [collector, other, program] = await Promise.all([
      startCollector(),
      startGrpc(newestGrpc),
      buildGo({ go, source, flags: ["-ldflags=-s -w", ...flags] }).then((path) => startExecutable(path)),
    ]);
    t.after(() => Promise.all([program.stop(), other.stop(), collector.stop()]));
    const agent = await startAgent({ pid: program.running.pid, endpoint: collector.httpEndpoint });
    const check = async (target: string, traced: string) => {
      const query = new URLSearchParams({ target, traced });
      return (await fetch(`http://127.0.0.1:${program.ports.h1}/check?${query}`)).text();
    };
    const [there, nowhere] = [`127.0.0.1:${other.facts.plainPort}`, "127.0.0.1:1"];
    for (const traced of ["1", ""]) {
      assert.equal(await check(there, traced), "OK");
      assert.equal(await check(nowhere, traced), "Unavailable");
    }
    const { code, account } = await agent.stop();
    assert.equal(code, 0, agent.stderr());
    assert.ok(isBalanced(account), account.line);
    assert.match(account.line, /\b2 left to the program, which traces them itself\b/);
    const spans = await collector.waitFor((all) => all.length >= account.exported);
    const ours = spans.filter((span) => span.scope.name === scope);
    assert.deepEqual(ours.map(({ attributes }) => attributes["rpc.response.status_code"]).sort(), [
      "OK",
      "UNAVAILABLE",
    ]);
    // What it made itself: a call that went well, and one that didn't.
    assert.equal(program.running.stdout().match(/^span /gm)?.length, 2);
  });
