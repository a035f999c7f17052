// Captured headers: of each transport, on the span that they belong to and on no other.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { buildGo } from "../fixtures/go-binaries.ts";
import { type Agent, isBalanced, repository, startAgent } from "./support/agent.ts";
import { type PlannedRequest, sendAll, type Transport } from "./support/client.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./support/collector.ts";
import { stopAll } from "./support/process.ts";
import { isBefore, type Server, startExecutable } from "./support/server.ts";

const versions =
  process.env.OTEL_GO_AUTO_MATRIX === "1"
    ? ["1.19.13", "1.21.13", "1.22.12", "1.23.12", "1.24.13", "1.26.8", "1.27.4"]
    : ["1.19.13", "1.22.12", "1.27.4"];

const env = {
  OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST:
    "X-Id,X-Other,Authorization,X-Empty,X-Long,X-Many,Referer,X-Custom-Token",
  OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE:
    "X-Answer-Id,X-Raw,X-Late,Location,Set-Cookie,X-Absent",
  OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST: "X-Id,X-Raw,Authorization",
  OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE: "X-Answer-Id,Content-Type,Location",
};

interface HeaderCase {
  readonly name: string;
  readonly request: PlannedRequest;
  readonly expect: Readonly<Record<string, readonly string[]>>;
}

const request = (name: string) => `http.request.header.${name}`;
const response = (name: string) => `http.response.header.${name}`;
const withId = (id: string) => ({ [request("x-id")]: [id], [response("x-answer-id")]: [id] });
const repeated = ["1", "2", "3", "4", "5"];

/** What a server's span has of each request. */
const cases: readonly HeaderCase[] = [
  { name: "one", request: { path: "/plain", headers: [["X-Id", "a"]] }, expect: withId("a") },
  {
    name: "other names and values are left alone",
    request: { path: "/plain", headers: [["X-Ix", "a"]] },
    expect: { [response("x-answer-id")]: [""] },
  },
  {
    name: "an empty value, and one that is no ASCII",
    request: { path: "/plain", headers: [["X-Empty", ""]] },
    expect: { [request("x-empty")]: [""], [response("x-answer-id")]: [""] },
  },
  {
    name: "five values",
    request: { path: "/plain", headers: repeated.map((value) => ["X-Many", value] as const) },
    expect: { [request("x-many")]: repeated, [response("x-answer-id")]: [""] },
  },
  {
    name: "a long value",
    request: { path: "/plain", headers: [["X-Long", "0123456789".repeat(500)]] },
    expect: { [request("x-long")]: ["0123456789".repeat(26).slice(0, 256)], [response("x-answer-id")]: [""] },
  },
  {
    name: "secrets",
    request: {
      path: "/plain",
      headers: [
        ["Authorization", "Bearer s3cret"],
        ["X-Custom-Token", "s3cret"],
        ["Referer", "https://user:s3cret@example.com/a?page=2&api_key=s3cret"],
      ],
    },
    expect: {
      [request("authorization")]: ["REDACTED"],
      [request("x-custom-token")]: ["REDACTED"],
      [request("referer")]: ["https://example.com/a?page=2&api_key=REDACTED"],
      [response("x-answer-id")]: [""],
    },
  },
  {
    name: "a handler that changes what came",
    request: { path: "/changed", headers: [["X-Id", "came"]] },
    expect: { [request("x-id")]: ["came"], [response("x-answer-id")]: ["changed"] },
  },
  {
    name: "two values, one by a key of its own, and those that come too late",
    request: { path: "/answer" },
    expect: {
      [response("x-answer-id")]: ["one", "two"],
      [response("x-raw")]: ["raw"],
      [response("location")]: ["https://example.com/a?token=REDACTED&page=2"],
      [response("set-cookie")]: ["REDACTED"],
    },
  },
  { name: "headers behind the body", request: { path: "/late" }, expect: {} },
  {
    name: "a handler that writes nothing",
    request: { path: "/silent" },
    expect: { [response("x-answer-id")]: ["silent"] },
  },
  {
    name: "a handler that panics before",
    request: { path: "/panic", headers: [["X-Id", "a"]] },
    expect: { [request("x-id")]: ["a"] },
  },
  {
    name: "among nine",
    request: { path: "/plain", headers: [["X-Id", "a"]], headerCount: 9 },
    expect: withId("a"),
  },
  {
    name: "among two hundred, answered by two hundred",
    request: { path: "/many", headers: [["X-Id", "a"]], headerCount: 200 },
    expect: { [request("x-id")]: ["a"], [response("x-answer-id")]: ["among many"] },
  },
];

const transports: Readonly<Partial<Record<Transport, string>>> = {
  h1: "h1",
  h1s: "tls",
  h2: "tls",
  h2cx: "h2c-x",
};

for (const go of versions)
  describe(`captured headers, Go ${go}`, () => {
    let collector: Collector;
    let server: Server;
    let agent: Agent;
    let executable: string;

    before(async () => {
      executable = await buildGo({
        go,
        source: join(repository, "test/libraries/net/http/headers/app"),
        flags: [...(isBefore(go, 22) ? ["-modfile=before_122.mod"] : []), "-ldflags=-s -w"],
      });
      [collector, server] = await Promise.all([startCollector(), startExecutable(executable)]);
      agent = await startAgent({ pid: server.running.pid, endpoint: collector.httpEndpoint, env });
    });

    after(async () => {
      await agent?.running.stop("SIGKILL");
      await server?.stop();
      await collector?.stop();
      await stopAll();
    });

    /** Sends a request and gives the headers of its spans by their kind and path, in the order of their start. */
    async function headersOf(transport: Transport, planned: PlannedRequest, mark: string, spans: number) {
      const path = `${planned.path}${planned.path?.includes("?") ? "&" : "?"}${mark}`;
      const port = server.ports[transports[transport] ?? ""] ?? 0;
      await sendAll(transport, { host: "127.0.0.1", port, from: "127.0.0.1" }, [{ ...planned, path }]);
      const isMarked = ({ attributes }: ReceivedSpan) =>
        `${attributes["url.query"] ?? attributes["url.full"]}`.includes(mark);
      const all = await collector.waitFor((received) => received.filter(isMarked).length >= spans);
      return all
        .filter(isMarked)
        .sort((a, b) => (a.start < b.start ? -1 : 1))
        .map((span) => ({ kind: span.kind, headers: headerAttributes(span) }));
    }

    for (const [index, { name, request: planned, expect }] of cases.entries())
      for (const transport of Object.keys(transports) as Transport[])
        test(`${name} (${transport})`, async () => {
          const spans = await headersOf(transport, planned, `mark${index}.${transport}.end`, 1);
          assert.deepEqual(spans, [{ kind: serverKind, headers: expect }]);
        });

    for (const [name, listener] of Object.entries({ "HTTP/1": "h1", "HTTP/2": "tls", h2c: "h2c-x" }))
      test(`a request that the program sends over ${name}`, async () => {
        const scheme = { h1: "http", tls: "https", "h2c-x": "h2c" }[listener];
        const url = `${scheme}://127.0.0.1:${server.ports[listener]}/redirect?sent.${listener}.end`;
        const path = `/call?url=${encodeURIComponent(url)}`;
        const own = { path, headers: [["X-Id", "a"]] } as const;
        const spans = await headersOf("h1", own, `sent.${listener}.end`, 3);
        const sent = {
          [request("x-id")]: ["a"],
          [request("x-raw")]: ["raw"],
          [request("authorization")]: ["REDACTED"],
        };
        const redirect = {
          [response("x-answer-id")]: ["first"],
          [response("location")]: ["/plain"],
        };
        const html = { [response("content-type")]: ["text/html; charset=utf-8"] };
        assert.deepEqual(spans, [
          { kind: serverKind, headers: { [request("x-id")]: ["a"] } },
          { kind: clientKind, headers: { ...sent, ...redirect, ...html } },
          {
            kind: serverKind,
            headers: { [request("x-id")]: ["a"], [request("authorization")]: ["REDACTED"], ...redirect },
          },
        ]);
      });

    test("each of many requests at once has its own", async () => {
      const [connections, requests] = process.env.OTEL_GO_AUTO_FULL === "1" ? [64, 2000] : [32, 25];
      const leaf = `http://127.0.0.1:${server.ports.h1}/plain`;
      const url = `http://127.0.0.1:${server.ports.h1}/chain?url=${encodeURIComponent(leaf)}`;
      await loadBy(executable, url, connections, requests);
      const wanted = connections * requests;
      const spans = await collector.waitFor((all) => tracesOf(all, "/chain").complete === wanted, 120_000);
      const { traces } = tracesOf(spans, "/chain");
      assert.equal(traces.length, wanted);
      const isRight = (ids: readonly unknown[]) => ids.length === 6 && new Set(ids).size === 1;
      assert.deepEqual(
        traces.filter((ids) => !isRight(ids)),
        [],
      );
      assert.equal(new Set(traces.flat()).size, wanted);
    });

    test("the end: an account that balances, without lost headers", async () => {
      const { code, account } = await agent.stop();
      assert.equal(code, 0, agent.stderr());
      assert.ok(isBalanced(account), account.line);
      assert.doesNotMatch(agent.stderr(), /s3cret|without their captured headers|not readable/);
    });
  });

const serverKind = "server";
const clientKind = "client";

function headerAttributes({ attributes }: ReceivedSpan) {
  const entries = Object.entries(attributes).filter(([name]) => /^http\.\w+\.header\./.test(name));
  return Object.fromEntries(entries);
}

/** Of each trace that begins with this path, the ids of requests and responses on all its spans. */
function tracesOf(spans: readonly ReceivedSpan[], path: string) {
  const traces = new Map<string, unknown[]>();
  const roots = spans.filter(({ attributes }) => attributes["url.path"] === path);
  for (const { traceId } of roots) traces.set(traceId, []);
  for (const { traceId, attributes } of spans)
    traces.get(traceId)?.push(...[attributes[request("x-id")], attributes[response("x-answer-id")]].flat());
  const all = [...traces.values()];
  return { traces: all, complete: all.filter(({ length }) => length === 6).length };
}

async function loadBy(executable: string, url: string, connections: number, requests: number): Promise<void> {
  const load = spawn(executable, ["-load", url, "-c", String(connections), "-n", String(requests)], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code] = await once(load, "exit");
  assert.equal(code, 0, "the load");
}
