/** What each program of the matrix is asked, and the spans that must come of it. */
import type { PlannedRequest, Transport } from "../e2e/support/client.ts";
import { defaultUserAgent } from "../e2e/support/client.ts";
import type { ReceivedSpan, Value } from "../e2e/support/collector.ts";
import { minorOf } from "../fixtures/go-binaries.ts";

/** Each kind of request so many times over each transport. */
const rounds = 2;

export interface Asked {
  readonly transport: Transport;
  readonly kind: Kind;
  /** Its query, which no other request has. */
  readonly query: string;
  /** Given in a traceparent; undefined for a request without one. */
  readonly parent: Parent | undefined;
}

interface Parent {
  readonly traceId: string;
  readonly spanId: string;
}

interface Kind {
  readonly method: string;
  readonly path: string;
  /** The pattern of the ServeMux; before Go 1.22 no request knows it. */
  readonly route: string;
  readonly sends: number;
  readonly receives: number;
  /** Undefined when the handler panics. */
  readonly status: number | undefined;
}

const get = { method: "GET", sends: 0, receives: 0, status: 200 };
const kinds: readonly Kind[] = [
  { ...get, path: "/plain", route: "/plain", receives: "42".length },
  { ...get, path: "/items/tea-pot", route: "/items/{id}", receives: "tea-pot".length },
  { ...get, path: "/echo", route: "/echo", method: "POST", sends: 1000, receives: 1000, status: 201 },
  { ...get, path: "/error", route: "/error", status: 500 },
  { ...get, path: "/panic", route: "/panic", status: undefined },
];

/** The requests of one transport, in their order. */
export function requestsOver(transport: Transport): readonly Asked[] {
  return Array.from({ length: rounds * kinds.length }, (_, number): Asked => {
    const kind = kinds[number % kinds.length] as Kind;
    // Of two requests of one kind, one is a root.
    const isRoot = (number + Math.floor(number / kinds.length)) % 2 === 1;
    const hex = (number + 1).toString(16).padStart(2, "0");
    const parent = { traceId: hex.repeat(16), spanId: hex.repeat(8) };
    return { transport, kind, query: `${transport}=${number}`, parent: isRoot ? undefined : parent };
  });
}

export function toSend({ kind, query, parent }: Asked): PlannedRequest {
  const traceparent = parent && (["traceparent", `00-${parent.traceId}-${parent.spanId}-01`] as const);
  return {
    method: kind.method,
    path: `${kind.path}?${query}`,
    ...(kind.sends > 0 && { body: kind.sends }),
    headers: traceparent ? [traceparent] : [],
  };
}

export interface Ends {
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly serverPort: number;
}

/** All that a span says but its times and its own ids. */
export type Said = Pick<ReceivedSpan, "name" | "kind" | "status" | "attributes" | "traceState"> & {
  readonly parent: Parent | "none";
  readonly scope: string;
};

export function said(span: ReceivedSpan): Said {
  const { name, kind, status, attributes, traceState, traceId, parentSpanId } = span;
  const parent = parentSpanId === "" ? "none" : { traceId, spanId: parentSpanId };
  return { name, kind, status, attributes, traceState, parent, scope: span.scope.name };
}

export function expected(asked: Asked, go: string, ends: Ends): Said {
  const { transport, kind, query, parent } = asked;
  const route = minorOf(go) >= 22 ? kind.route : undefined;
  const failure = failureOf(kind);
  const attributes: Record<string, Value | undefined> = {
    "http.request.method": kind.method,
    "http.route": route,
    "http.request.body.size": kind.sends > 0 ? kind.sends : undefined,
    "http.response.status_code": kind.status,
    "http.response.body.size": kind.receives,
    "error.type": failure?.type,
    "url.scheme": transport === "h1s" || transport === "h2" ? "https" : "http",
    "url.path": kind.path,
    "url.query": query,
    "server.address": "127.0.0.1",
    "server.port": ends.serverPort,
    "client.address": ends.clientAddress,
    "network.peer.address": ends.clientAddress,
    "network.peer.port": ends.clientPort,
    "network.protocol.version": transport.startsWith("h2") ? "2" : "1.1",
    "user_agent.original": defaultUserAgent,
  };
  return {
    name: route === undefined ? kind.method : `${kind.method} ${route}`,
    kind: "server",
    status: failure?.status ?? { code: "unset" },
    attributes: Object.fromEntries(
      Object.entries(attributes).filter((entry): entry is [string, Value] => entry[1] !== undefined),
    ),
    traceState: "",
    parent: parent ?? "none",
    scope: "otel-go-auto/net/http/server",
  };
}

function failureOf({ status }: Kind): { type: string; status: ReceivedSpan["status"] } | undefined {
  if (status === undefined)
    return { type: "*errors.errorString", status: { code: "error", message: "panic: boom" } };
  return status >= 500 ? { type: String(status), status: { code: "error" } } : undefined;
}
