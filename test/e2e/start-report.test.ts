// What the agent says at its start: about kernel, export and each library; as lines, and as JSON for scripts.
import assert from "node:assert/strict";
import { release } from "node:os";
import { after, before, describe, test } from "node:test";
import { libraries } from "../../src/generated/registry.ts";
import type { StartReport } from "../../src/report/start-report.ts";
import { startEndpoint } from "../export/support/endpoint.ts";
import { startGrpcEndpoint } from "../export/support/grpc-endpoint.ts";
import { spawnAgent, startAgent } from "./support/agent.ts";
import { usual } from "./support/matrix.ts";
import { freePorts, sleep, stopAll } from "./support/process.ts";
import { type Server, startServer } from "./support/server.ts";

describe("start report", () => {
  let servers: readonly [Server, Server];

  before(async () => {
    servers = [await startServer(usual), await startServer(usual)];
  });
  after(stopAll);

  const pid = (index: 0 | 1) => servers[index].running.pid;

  test("lines: kernel and lockdown, exporter and sampler, each library with its reason", async () => {
    const endpoint = await startEndpoint();
    const agent = await startAgent({
      pid: pid(0),
      endpoint: `http://user:whisper@127.0.0.1:${endpoint.port}`,
      env: { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.25" },
      args: ["--disable", "servemux"],
    });
    await agent.stop();
    await endpoint.close();
    const said = agent.stderr();
    assert.match(said, new RegExp(`kernel ${release()}, lockdown (none|on|integrity|confidentiality)$`, "m"));
    const where = `http://127.0.0.1:${endpoint.port}/v1/traces`;
    assert.match(said, new RegExp(`spans go to ${where} by http/protobuf, sampler traceidratio 0.25$`, "m"));
    assert.match(said, /net\/http server: attached, \d+ probes/);
    assert.match(said, /net\/http ServeMux routes: not attached, disabled by you/);
    assert.match(said, /not in this program: .*database\/sql/);
    assert.doesNotMatch(said, /whisper/);
  });

  test("JSON: a line for each target on stdout, logs on stderr", async () => {
    const agent = spawnAgent(
      ["--pid", String(pid(0)), "--pid", String(pid(1)), "--json", "--disable", "servemux"],
      { OTEL_TRACES_EXPORTER: "none", OTEL_SERVICE_NAME: "shop" },
    );
    await agent.waitFor(/"event":"attached"[^\n]*\n[^\n]*"event":"attached"[^\n]*\n/, 60_000);
    await agent.stop("SIGINT");
    const reports: (StartReport & { schema: number })[] = agent
      .stdout()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(reports.map((report) => report.pid).sort(), [pid(0), pid(1)].sort());
    const [report] = reports as [(typeof reports)[number]];
    assert.deepEqual([report.schema, report.service, report.go], [1, "shop", `go${usual.go}`]);
    assert.equal(report.kernel.release, release());
    assert.deepEqual(report.export, { exporter: "none", endpoint: null, protocol: null });
    assert.deepEqual(report.sampler, { kind: "parentbased_always_on", ratio: 1 });
    assert.deepEqual(
      report.libraries.map(({ path }) => path),
      libraries.map(({ path }) => path),
    );
    const of = (path: string) => report.libraries.find((library) => library.path === path);
    assert.equal(of("net/http/server")?.status, "attached");
    assert.ok((of("net/http/server")?.probes ?? 0) > 1);
    assert.deepEqual(
      [of("net/http/servemux")?.status, of("net/http/servemux")?.reason],
      ["disabled", "disabled by you"],
    );
    assert.equal(of("database/sql")?.status, "absent");
    assert.match(agent.stderr(), /net\/http server: attached/);
  });

  test("JSON and the console exporter are too much for one stdout: 2", async () => {
    for (const [args, env] of [
      [["--console"], {}],
      [[], { OTEL_TRACES_EXPORTER: "console" }],
    ] as const) {
      const agent = spawnAgent(["--pid", String(pid(0)), "--json", ...args], env);
      assert.equal((await agent.ended()).code, 2, agent.stderr());
      assert.match(agent.stderr(), /--json and the console exporter/);
    }
  });

  test("a wrong endpoint is said at the start, before there are spans, and once", async () => {
    const grpc = await startGrpcEndpoint();
    const agent = await startAgent({
      pid: pid(0),
      endpoint: `http://127.0.0.1:${grpc.port}`,
      protocol: "http/protobuf",
    });
    await agent.running.waitFor(
      /answers in HTTP\/2, as gRPC does, but the protocol is http\/protobuf/,
      30_000,
    );
    await fetch(`http://127.0.0.1:${servers[0].ports.h1}/plain`);
    await sleep(2000);
    await agent.stop();
    await grpc.close();
    assert.equal(agent.stderr().match(/spans cannot be sent/g)?.length, 1, agent.stderr());

    const [port] = await freePorts(1);
    const lonely = await startAgent({ pid: pid(0), endpoint: `http://127.0.0.1:${port}` });
    await lonely.running.waitFor(/nothing listens at 127/, 30_000);
    await lonely.stop();
    assert.equal(lonely.stderr().match(/spans cannot be sent/g)?.length, 1, lonely.stderr());
  });

  test("an endpoint that takes spans is not spoken of", async () => {
    const endpoint = await startEndpoint();
    const agent = await startAgent({ pid: pid(0), endpoint: endpoint.url });
    for (let wait = 0; endpoint.received.length === 0 && wait < 300; wait++) await sleep(100);
    await agent.stop();
    await endpoint.close();
    assert.equal(endpoint.received[0]?.body.length, 0);
    assert.doesNotMatch(agent.stderr(), /cannot be sent|warn:/);
  });
});
