import { SpanKind } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { SpanEvent, SpanLink } from "../../../src/libraries/span-parts.ts";
import type { SpanRecord } from "../../../src/spans/types.ts";

export const resource = resourceFromAttributes(
  { "service.name": "shop", "process.pid": 4711 },
  { schemaUrl: "https://opentelemetry.io/schemas/1.37.0" },
);
export const scope = {
  name: "otel-go-auto/net/http/server",
  version: "0.1.0",
  schemaUrl: "https://opentelemetry.io/schemas/1.37.0",
};

let made = 0;

/** A span of a net/http server as it typically is, with ids of its own. */
export function record(parts: Partial<SpanRecord> = {}): SpanRecord {
  made++;
  return {
    traceId: `a0${made.toString(16).padStart(30, "0")}`,
    spanId: `b0${made.toString(16).padStart(14, "0")}`,
    parentSpanId: undefined,
    parentIsRemote: false,
    traceFlags: 1,
    traceState: undefined,
    name: "GET /items/{id}",
    kind: SpanKind.SERVER,
    startTime: [1_790_000_000, 123_456_789],
    endTime: [1_790_000_000, 129_576_789],
    attributes: {
      "http.request.method": "GET",
      "url.scheme": "http",
      "url.path": `/items/${made}`,
      "http.route": "/items/{id}",
      "http.response.status_code": 200,
      "http.response.body.size": 123,
      "server.address": "localhost",
      "server.port": 8080,
      "client.address": "127.0.0.1",
      "network.peer.address": "127.0.0.1",
      "network.peer.port": 30_000 + (made % 30_000),
      "network.protocol.version": "1.1",
      "user_agent.original": "wrk/4.1.0",
    },
    droppedAttributes: 0,
    status: { code: 0 },
    scope,
    resource,
    ...parts,
  };
}

export const event: SpanEvent = {
  name: "cache miss",
  time: [1_790_000_000, 124_000_001],
  attributes: { key: "items/5", tries: 3, parts: ["a", "b"] },
  droppedAttributes: 2,
};

export const link: SpanLink = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  traceState: undefined,
  traceFlags: 1,
  attributes: { why: "batch" },
  droppedAttributes: 0,
};
