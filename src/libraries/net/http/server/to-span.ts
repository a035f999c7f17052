import { type Attributes, SpanKind, type SpanStatus, SpanStatusCode } from "@opentelemetry/api";
import {
  ATTR_CLIENT_ADDRESS,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
  ATTR_URL_SCHEME,
  ATTR_USER_AGENT_ORIGINAL,
} from "@opentelemetry/semantic-conventions";
import {
  ATTR_HTTP_REQUEST_BODY_SIZE,
  ATTR_HTTP_RESPONSE_BODY_SIZE,
} from "@opentelemetry/semantic-conventions/incubating";
import { Ending, HttpServerRequest } from "../../../../generated/libraries/net/http/server.ts";
import type { LibrarySpan, RecordBytes, SpanFacts } from "../../../descriptor.ts";
import { methodNames, originalClient, parseTarget, routeOfPattern, splitHostPort } from "../../../http.ts";
import { olderNames } from "./older-names.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { mayBeCut, room, wholeParts } from "./room.ts";

const request = new HttpServerRequest();

/** A record of ebpf/libraries/net/http/server/server.h as a span of the stable HTTP conventions. */
export function toSpan(record: RecordBytes, facts: SpanFacts): LibrarySpan {
  request.load(record);
  const method = methodNames(request.method);
  const route = routeOf(facts);
  const outcome = outcomeOf(request, facts);
  const attributes: Attributes = { [ATTR_HTTP_REQUEST_METHOD]: method.attribute };
  if (method.attribute !== request.method) attributes[ATTR_HTTP_REQUEST_METHOD_ORIGINAL] = request.method;
  if (route) attributes[ATTR_HTTP_ROUTE] = route;
  addUrl(attributes);
  addPeers(attributes);
  addOutcome(attributes, outcome);
  if (facts.semconv.httpDup) Object.assign(attributes, olderNames(attributes));
  return {
    name: route ? `${method.inName} ${route}` : method.inName,
    kind: SpanKind.SERVER,
    attributes,
    status: statusOf(outcome),
    traceState: wholeParts(request.tracestate, room.tracestate, /,/) || undefined,
  };
}

/** By a router that the program has, else by a ServeMux. */
function routeOf(facts: SpanFacts): string {
  return request.router === 0
    ? routeOfPattern(request.route)
    : facts.route(request.router, request.route, request.routeHandler);
}

function addUrl(attributes: Attributes): void {
  const { path, query } = parseTarget(request.uri);
  attributes[ATTR_URL_SCHEME] = request.tls ? "https" : "http";
  attributes[ATTR_URL_PATH] = path;
  if (query) attributes[ATTR_URL_QUERY] = query;
  const major = request.protocolMajor;
  attributes[ATTR_NETWORK_PROTOCOL_VERSION] = major >= 2 ? `${major}` : `${major}.${request.protocolMinor}`;
  const userAgent = request.userAgent;
  if (userAgent) attributes[ATTR_USER_AGENT_ORIGINAL] = userAgent;
}

function addPeers(attributes: Attributes): void {
  const host = request.host;
  const server = splitHostPort(host);
  if (server.host) {
    attributes[ATTR_SERVER_ADDRESS] = server.host;
    if (!mayBeCut(host, room.host)) attributes[ATTR_SERVER_PORT] = server.port ?? (request.tls ? 443 : 80);
  }
  // "@" is how Go writes the client of a Unix socket, which has no address.
  const remote = request.remote;
  const peer = splitHostPort(remote === "@" ? "" : remote);
  if (peer.host) attributes[ATTR_NETWORK_PEER_ADDRESS] = peer.host;
  if (peer.port !== undefined) attributes[ATTR_NETWORK_PEER_PORT] = peer.port;
  const forwarded = wholeParts(request.forwarded, room.forwarded, /[;,]/);
  const forwardedFor = wholeParts(request.forwardedFor, room.forwarded, /,/);
  const client = originalClient(forwarded, forwardedFor) ?? peer.host;
  if (client) attributes[ATTR_CLIENT_ADDRESS] = client;
}

function addOutcome(attributes: Attributes, outcome: Outcome): void {
  if (outcome.statusCode !== undefined) attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = outcome.statusCode;
  if (outcome.errorType !== undefined) attributes[ATTR_ERROR_TYPE] = outcome.errorType;
  if (request.requestBodySize > 0) attributes[ATTR_HTTP_REQUEST_BODY_SIZE] = request.requestBodySize;
  // What a handler writes for HEAD is counted by net/http, but never sent.
  if (request.ending !== Ending.hijacked)
    attributes[ATTR_HTTP_RESPONSE_BODY_SIZE] = request.method === "HEAD" ? 0 : request.responseBodySize;
}

const unset: SpanStatus = { code: SpanStatusCode.UNSET };

function statusOf({ errorType, message }: Outcome): SpanStatus {
  if (errorType === undefined) return unset;
  return message ? { code: SpanStatusCode.ERROR, message } : { code: SpanStatusCode.ERROR };
}
