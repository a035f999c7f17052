// All three protocols to a real collector, the span's surroundings, and an endpoint that comes later.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { isBalanced, repository, startAgent } from "./support/agent.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./support/collector.ts";
import { sendLoad } from "./support/load.ts";
import { usual } from "./support/matrix.ts";
import { freePorts, sleep, stopAll } from "./support/process.ts";
import { buildServer, type Server, startServer } from "./support/server.ts";

const requests = 500;

describe("export", () => {
  let collector: Collector;
  let server: Server;
  let seen = 0;

  before(async () => {
    [collector, server] = await Promise.all([startCollector(), startServer(usual)]);
  });
  after(async () => {
    await server?.stop();
    await collector?.stop();
    await stopAll();
  });

  const load = () => sendLoad({ url: `http://127.0.0.1:${server.ports.h1}/plain`, connections: 4, requests });

  /** The spans that came since the last call. */
  async function fresh(count: number): Promise<ReceivedSpan[]> {
    const spans = (await collector.waitFor((all) => all.length >= seen + count)).slice(seen);
    seen += spans.length;
    return spans;
  }

  for (const protocol of ["http/protobuf", "http/json", "grpc"]) {
    test(`${protocol}: every span arrives once`, async () => {
      const endpoint = protocol === "grpc" ? collector.grpcEndpoint : collector.httpEndpoint;
      const agent = await startAgent({ pid: server.running.pid, endpoint, protocol });
      await load();
      const { code, account } = await agent.stop();
      const spans = await fresh(requests);
      assert.equal(code, 0, agent.stderr());
      assert.equal(account.exported, requests, account.line);
      assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, requests);
      assert.equal(spans.length, requests);
      const [span] = spans as [ReceivedSpan];
      assert.equal(span.name, "GET /plain");
      assert.equal(span.kind, "server");
      assert.equal(span.attributes["http.response.status_code"], 200);
      assert.ok(span.end > span.start);
    });
  }

  test("resource and scope say where a span comes from", async () => {
    const env = {
      OTEL_SERVICE_VERSION: "1.2.3",
      OTEL_DEPLOYMENT_ENVIRONMENT: "test",
      OTEL_RESOURCE_ATTRIBUTES: "team=shop%20a",
    };
    const agent = await startAgent({ pid: server.running.pid, endpoint: collector.httpEndpoint, env });
    await load();
    await agent.stop();
    const [span] = (await fresh(requests)) as [ReceivedSpan];
    const executable = await buildServer(usual);
    const wanted = {
      "service.name": basename(executable),
      "service.version": "1.2.3",
      "deployment.environment.name": "test",
      team: "shop a",
      "process.pid": server.running.pid,
      "process.executable.name": basename(executable),
      "process.executable.path": executable,
      "process.runtime.name": "go",
      "process.runtime.version": `go${usual.go}`,
      "host.name": hostname(),
      "telemetry.sdk.language": "go",
      "telemetry.distro.name": "otel-go-auto",
    };
    const got = Object.fromEntries(Object.keys(wanted).map((key) => [key, span.resource[key]]));
    assert.deepEqual(got, wanted);
    assert.ok(span.resource["service.instance.id"]);
    assert.ok(span.resource["telemetry.sdk.version"]);
    const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
    assert.equal(span.scope.name, "otel-go-auto/net/http/server");
    assert.equal(span.scope.version, version);
    assert.match(span.scope.schemaUrl, /^https:\/\/opentelemetry\.io\/schemas\/1\.\d+\.\d+$/);
  });

  test("--service-name", async () => {
    const args = ["--service-name", "shop"];
    const agent = await startAgent({ pid: server.running.pid, endpoint: collector.httpEndpoint, args });
    await load();
    await agent.stop();
    const spans = await fresh(requests);
    assert.deepEqual([...new Set(spans.map(({ resource }) => resource["service.name"]))], ["shop"]);
  });

  test("an endpoint that is down and comes up: said once, and the kept spans arrive", async () => {
    const [grpc = 0, http = 0] = await freePorts(2);
    const agent = await startAgent({ pid: server.running.pid, endpoint: `http://127.0.0.1:${http}` });
    await load();
    await agent.running.waitFor(/cannot be sent/);
    await load();
    await sleep(1000);
    const late = await startCollector({ grpc, http });
    try {
      const spans = await late.waitFor((all) => all.length >= 2 * requests, 30_000);
      const { account } = await agent.stop();
      assert.equal(spans.length, 2 * requests, agent.stderr());
      assert.equal(account.exported, 2 * requests, account.line);
      assert.ok(isBalanced(account), account.line);
      assert.equal(agent.stderr().match(/cannot be sent/g)?.length, 1, agent.stderr());
    } finally {
      await late.stop();
    }
  });

  test("an endpoint that never comes: the agent ends all the same, and its account names the loss", async () => {
    const [port] = await freePorts(1);
    const agent = await startAgent({ pid: server.running.pid, endpoint: `http://127.0.0.1:${port}` });
    await load();
    const { code, account } = await agent.stop();
    assert.equal(code, 0, agent.stderr());
    assert.equal(account.requests, requests, account.line);
    assert.equal(account.exported, 0, account.line);
    assert.ok(isBalanced(account), account.line);
  });
});
