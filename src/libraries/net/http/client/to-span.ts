import { type Attributes, SpanKind, type SpanStatus, SpanStatusCode } from "@opentelemetry/api";
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
} from "@opentelemetry/semantic-conventions";
import {
  ATTR_HTTP_REQUEST_BODY_SIZE,
  ATTR_HTTP_RESPONSE_BODY_SIZE,
} from "@opentelemetry/semantic-conventions/incubating";
import { HttpClientRequest } from "../../../../generated/libraries/net/http/client.ts";
import type { LibrarySpan, RecordBytes, SpanFacts } from "../../../descriptor.ts";
import { methodNames } from "../../../http.ts";
import { olderNames } from "./older-names.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { fullUrl, serverOf } from "./url.ts";

const request = new HttpClientRequest();

/** A record of ebpf/libraries/net/http/client/client.h as a span of the stable HTTP conventions. */
export function toSpan(record: RecordBytes, facts: SpanFacts): LibrarySpan {
  request.load(record);
  // net/http sends GET where a Request has no method.
  const sent = request.method || "GET";
  const method = methodNames(sent);
  const outcome = outcomeOf(request, facts);
  const attributes: Attributes = { [ATTR_HTTP_REQUEST_METHOD]: method.attribute };
  if (method.attribute !== sent) attributes[ATTR_HTTP_REQUEST_METHOD_ORIGINAL] = sent;
  addUrl(attributes);
  addOutcome(attributes, outcome);
  if (facts.semconv.httpDup) Object.assign(attributes, olderNames(attributes));
  return {
    name: method.inName,
    kind: SpanKind.CLIENT,
    attributes,
    status: statusOf(outcome),
    traceState: undefined,
  };
}

function addUrl(attributes: Attributes): void {
  const { scheme, host, path, pathKind, query } = request;
  attributes[ATTR_URL_FULL] = fullUrl({ scheme, host, path, pathKind, query });
  const server = serverOf(scheme, host);
  if (server.host) attributes[ATTR_SERVER_ADDRESS] = server.host;
  if (server.host && server.port !== undefined) attributes[ATTR_SERVER_PORT] = server.port;
}

function addOutcome(attributes: Attributes, { statusCode, errorType }: Outcome): void {
  if (request.requestBodySize > 0) attributes[ATTR_HTTP_REQUEST_BODY_SIZE] = request.requestBodySize;
  if (request.resendCount > 0) attributes[ATTR_HTTP_REQUEST_RESEND_COUNT] = request.resendCount;
  if (errorType !== undefined) attributes[ATTR_ERROR_TYPE] = errorType;
  if (statusCode === undefined) return;
  attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = statusCode;
  const { protocolMajor: major, protocolMinor: minor } = request;
  attributes[ATTR_NETWORK_PROTOCOL_VERSION] = major >= 2 ? `${major}` : `${major}.${minor}`;
  // The length that answers HEAD is that of a body which is not sent.
  if (request.responseBodySize >= 0 && request.method !== "HEAD")
    attributes[ATTR_HTTP_RESPONSE_BODY_SIZE] = request.responseBodySize;
}

function statusOf({ errorType, message }: Outcome): SpanStatus {
  if (errorType === undefined) return { code: SpanStatusCode.UNSET };
  return message ? { code: SpanStatusCode.ERROR, message } : { code: SpanStatusCode.ERROR };
}
