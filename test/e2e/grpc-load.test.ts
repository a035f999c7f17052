/**
 * gRPC with many calls at the same time, both ends traced: each call has the spans that it should have, and those have
 * the parents that they should have. A call is known by its number, which is in its method's name.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Agent, isBalanced, startAgent } from "./support/agent.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./support/collector.ts";
import {
  type GrpcProgram,
  grpcBuilds,
  newestGrpc,
  startFront,
  startGrpc,
  targetsOf,
} from "./support/grpc.ts";
import { callUrl, shapesOf } from "./support/grpc-shapes.ts";
import { sendLoad } from "./support/load.ts";
import { stopAll } from "./support/process.ts";
import type { Server } from "./support/server.ts";

const builds = process.env.OTEL_GO_AUTO_MATRIX === "1" ? grpcBuilds : [newestGrpc];

const clientScope = "otel-go-auto/google.golang.org/grpc/client";
const serverScope = "otel-go-auto/google.golang.org/grpc/server";

for (const build of builds)
  describe(`gRPC under load, ${build.grpc}, Go ${build.go}`, () => {
    let collector: Collector;
    let program: GrpcProgram;
    /** A client that isn't traced. */
    let stranger: Server;
    let agent: Agent;
    /** Of the spans that tests before have looked at. */
    let seen = 0;

    before(async () => {
      [collector, program] = await Promise.all([startCollector(), startGrpc(build)]);
      stranger = await startFront(build, targetsOf(program.back.ports));
    });
    after(async () => {
      await agent?.running.stop("SIGKILL");
      await Promise.all([stranger?.stop(), program?.stop()]);
      await collector?.stop();
      await stopAll();
    });

    async function attach(): Promise<void> {
      const { front, back } = program;
      agent = await startAgent({
        pid: [front.running.pid, back.running.pid],
        endpoint: collector.httpEndpoint,
      });
    }

    /** The spans since `attach`, of an agent that has nothing more to say and whose account balances. */
    async function detach(): Promise<readonly ReceivedSpan[]> {
      const { code, account } = await agent.stop();
      assert.equal(code, 0, agent.stderr());
      assert.ok(isBalanced(account), account.line);
      assert.equal(account.exported, account.requests, account.line);
      const all = await collector.waitFor((spans) => spans.length >= seen + account.exported, 60_000);
      const own = all.slice(seen);
      seen = all.length;
      return own;
    }

    /** The agent says how many calls carried context: all but those that the spans show without. */
    function assertCarried(spans: readonly ReceivedSpan[], without: number): void {
      const said = [...agent.stderr().matchAll(/socket tier: ([\d,]+) requests? carried/g)];
      const carried = said.reduce((sum, [, count = ""]) => sum + Number(count.replaceAll(",", "")), 0);
      assert.equal(carried, spans.filter(({ kind }) => kind === "client").length - without, agent.stderr());
    }

    async function load(kind: string, query: string, requests: number, connections: number): Promise<void> {
      const { errors, failed } = await sendLoad({
        url: callUrl(program.front, kind, query),
        requests,
        connections,
      });
      assert.deepEqual([failed, errors], [0, {}], `${kind} ${query}`);
    }

    test("200 calls over one connection: 200 spans at each end", async () => {
      await attach();
      const response = await fetch(`http://127.0.0.1:${program.front.ports.h1}/call?times=200&strict=1`);
      assert.equal(response.status, 200);
      const spans = await detach();
      assert.equal(spans.filter(({ scope }) => scope.name === clientScope).length, 200);
      assert.equal(spans.filter(({ scope }) => scope.name === serverScope).length, 200);
    });

    test("calls without a trace have no parent, whatever another connection's with the same stream ids have", async () => {
      await attach();
      const parent = "00f067aa0ba902b7";
      const ask = async (from: string, metadata: string) => {
        const query = `from=${from}&times=100&strict=1${metadata}`;
        const { status } = await fetch(`http://127.0.0.1:${stranger.ports.h1}/call?${query}`);
        assert.equal(status, 200);
      };
      const traceparent = `&md=traceparent:00-4bf92f3577b34da6a3ce929d0e0e4736-${parent}-01`;
      await ask("127.2.9.1", traceparent);
      await ask("127.2.9.2", "");
      await Promise.all([ask("127.2.9.3", traceparent), ask("127.2.9.4", "")]);
      const spans = await detach();
      const parents = (address: string) =>
        spans
          .filter(({ attributes }) => attributes["client.address"] === address)
          .map(({ parentSpanId }) => parentSpanId);
      const hundred = (value: string) => Array.from({ length: 100 }, () => value);
      assert.deepEqual(parents("127.2.9.1"), hundred(parent));
      assert.deepEqual(parents("127.2.9.2"), hundred(""));
      assert.deepEqual(parents("127.2.9.3"), hundred(parent));
      assert.deepEqual(parents("127.2.9.4"), hundred(""));
    });

    test("1,000 streams that are open at the same time", async () => {
      await attach();
      // None of them goes on before all of them are there.
      await load("Bidi", "kind=bidi&messages=1&say=meet+1000", 1000, 1000);
      const spans = await detach();
      assertCarried(spans, assertWhole(shapesOf(spans, "Bidi"), oneCall, 1000));
    });

    test("1,000 calls at the same time, each of which calls on", async () => {
      await attach();
      await load("Unary", "say=forward+Unary{n}", 1000, 1000);
      const spans = await detach();
      assertCarried(spans, assertWhole(shapesOf(spans, "Unary"), callingOn, 1000));
    });

    test("10,000 of all kinds", async () => {
      await attach();
      const kinds = {
        Unary: "",
        Bidi: "kind=bidi",
        Upload: "kind=client-stream",
        List: "kind=server-stream",
      };
      await Promise.all(
        Object.entries(kinds).map(([kind, query]) =>
          load(kind, `${query}&messages=1&say=forward+${kind}{n}`, 2500, 16),
        ),
      );
      const spans = await detach();
      const without = Object.keys(kinds).map((kind) => assertWhole(shapesOf(spans, kind), callingOn, 2500));
      assertCarried(
        spans,
        without.reduce((sum, count) => sum + count),
      );
    });
  });

/** Its spans, beginning with the request that makes the call, and the call as either end sees it; [0]: in one trace. */
const oneCall = [
  "server GET /call (client load/ID (server load/ID))",
  "server GET /call (client load/ID); server load/ID",
];
const callingOn = [
  "server GET /call (client load/ID (server load/ID (client test.v1.Forwarded/ID (server test.v1.Forwarded/ID))))",
  "server GET /call (client load/ID); server load/ID (client test.v1.Forwarded/ID (server test.v1.Forwarded/ID))",
  "server GET /call (client load/ID (server load/ID (client test.v1.Forwarded/ID))); server test.v1.Forwarded/ID",
];

/**
 * All calls are there, none has a wrong parent, and of a hundred at most one, how many are returned, has gone out without context: where a
 * socket may have no room at that moment, the frame is left as it is (docs/decisions/0024-grpc-on-sockets.md).
 */
function assertWhole(
  shapes: Record<string, number>,
  [whole = "", ...parted]: readonly string[],
  calls: number,
): number {
  const count = (shape: string) => shapes[shape] ?? 0;
  const without = parted.reduce((sum, shape) => sum + count(shape), 0);
  const others = Object.entries(shapes).filter(([shape]) => shape !== whole && !parted.includes(shape));
  assert.deepEqual(others, []);
  assert.equal(count(whole) + without, calls);
  assert.ok(without <= calls / 100, `${without} without context`);
  return without;
}
