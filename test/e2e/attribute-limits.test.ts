// Limits of attributes, as they arrive over each protocol.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { otlpProtocols } from "../../src/config/config.ts";
import { startAgent } from "./support/agent.ts";
import { type Collector, startCollector } from "./support/collector.ts";
import { usual } from "./support/matrix.ts";
import { stopAll } from "./support/process.ts";
import { type Server, startServer } from "./support/server.ts";

describe("attribute limits", () => {
  let collector: Collector;
  let server: Server;

  before(async () => {
    [collector, server] = await Promise.all([startCollector(), startServer(usual)]);
  });
  after(async () => {
    await server?.stop();
    await collector?.stop();
    await stopAll();
  });

  for (const protocol of otlpProtocols)
    test(`over ${protocol}`, async () => {
      const env = {
        OTEL_ATTRIBUTE_COUNT_LIMIT: "1",
        OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "4",
        OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "5",
      };
      const endpoint = protocol === "grpc" ? collector.grpcEndpoint : collector.httpEndpoint;
      const already = (await collector.spans()).length;
      const agent = await startAgent({ pid: server.running.pid, endpoint, protocol, env });
      await fetch(`http://127.0.0.1:${server.ports.h1}/plain`);
      const [span] = (await collector.waitFor((all) => all.length > already)).slice(already);
      await agent.stop();
      assert.deepEqual(span?.attributes, {
        "http.request.method": "GET",
        "http.route": "/plai",
        "url.scheme": "http",
        "url.path": "/plai",
      });
      assert.ok((span?.droppedAttributes ?? 0) >= 8, `${span?.droppedAttributes} dropped`);
    });
});
