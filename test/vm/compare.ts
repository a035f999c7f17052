/** What was sent against what was traced: every field of every span, not only their number. */
import type { ReceivedSpan, Value } from "../e2e/support/otlp-json.ts";

/** One line of the load generator, see `load/main.go`. Ids and trace state are "" when none were sent. */
export interface Sent {
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly route: string;
  readonly userAgent: string;
  readonly headers: number;
  readonly traceId: string;
  readonly parentId: string;
  readonly traceState: string;
  readonly port: number;
  readonly status: number;
}

export interface Comparison {
  /** Requests without a span. */
  readonly missing: readonly Sent[];
  /** Spans beyond the first of a request, and spans of no request. */
  readonly surplus: readonly ReceivedSpan[];
  /** "request 12: url.path is /a, sent was /b": one for each field. */
  readonly wrong: readonly string[];
}

export function compare(sent: readonly Sent[], spans: readonly ReceivedSpan[]): Comparison {
  const byQuery = new Map(sent.map((request) => [request.query, request]));
  const surplus: ReceivedSpan[] = [];
  const wrong: string[] = [];
  const spanIds = new Set<string>();
  const ownTraces = new Set<string>();
  for (const span of spans) {
    const query = String(span.attributes["url.query"]);
    const request = byQuery.get(query);
    if (request === undefined) {
      surplus.push(span);
      continue;
    }
    byQuery.delete(query);
    wrong.push(...differences(request, span));
    if (spanIds.has(span.spanId)) wrong.push(`request ${request.number}: its span id was given before`);
    spanIds.add(span.spanId);
    if (request.traceId !== "") continue;
    if (ownTraces.has(span.traceId)) wrong.push(`request ${request.number}: its trace id was given before`);
    ownTraces.add(span.traceId);
  }
  return { missing: [...byQuery.values()], surplus, wrong };
}

function differences(request: Sent, span: ReceivedSpan): string[] {
  const expected: Record<string, Value> = {
    name: request.route === "" ? request.method : `${request.method} ${request.route}`,
    kind: "server",
    parent: request.parentId,
    "trace state": request.traceState,
    ...(request.traceId !== "" && { trace: request.traceId }),
    "http.request.method": request.method,
    "http.response.status_code": request.status,
    "url.path": request.path,
    "user_agent.original": request.userAgent,
    "network.peer.port": request.port,
    "http.route": request.route,
  };
  const got: Record<string, Value> = {
    "http.route": "",
    ...span.attributes,
    name: span.name,
    kind: span.kind,
    trace: span.traceId,
    parent: span.parentSpanId,
    "trace state": span.traceState,
  };
  const fields = Object.keys(expected).filter((field) => got[field] !== expected[field]);
  const wrong = fields.map((field) => `${field} is ${got[field]}, sent was ${expected[field]}`);
  if (span.end <= span.start) wrong.push("it ends before it starts");
  return wrong.map((what) => `request ${request.number} (${request.headers} headers): ${what}`);
}
