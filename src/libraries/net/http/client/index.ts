import { connectionFields, connectionItabs } from "../../../connection-fields.ts";
import { field, type Library } from "../../../descriptor.ts";
import { goroutineFields, mapFields, openSpanFields, returnFields } from "../../../go-fields.ts";
import { duration } from "./duration.ts";
import { toSpan } from "./to-span.ts";

/** The Transport of golang.org/x/net/http2, used by itself. */
const xRoundTrip = [
  "golang.org/x/net/http2.(*Transport).roundTripOpt",
  "golang.org/x/net/http2.(*Transport).RoundTripOpt",
];
const http2ShouldRetry = ["net/http/internal/http2.shouldRetryRequest", "net/http.http2shouldRetryRequest"];
const xShouldRetry = ["golang.org/x/net/http2.shouldRetryRequest"];
/** Since Go 1.27 it is net/http's: then it has no connections of its own. */
const xOwn = "golang.org/x/net/http2.(*Transport).newClientConn";

export const library: Library = {
  path: "net/http/client",
  name: "net/http client",
  module: "std",
  since: "1.17",
  bySocket: { what: "plaintext HTTP/1 requests", leaves: "outgoing_heads" },
  fields: {
    ...goroutineFields,
    ...openSpanFields,
    ...returnFields,
    ...mapFields,
    ...connectionFields,
    request_method: field("net/http.Request.Method"),
    request_url: field("net/http.Request.URL"),
    request_header: field("net/http.Request.Header"),
    request_content_length: field("net/http.Request.ContentLength"),
    request_response: field("net/http.Request.Response"),
    request_context: field("net/http.Request.ctx"),
    url_scheme: field("net/url.URL.Scheme"),
    url_opaque: field("net/url.URL.Opaque"),
    url_host: field("net/url.URL.Host"),
    url_path: field("net/url.URL.Path"),
    url_raw_path: field("net/url.URL.RawPath"),
    url_raw_query: field("net/url.URL.RawQuery"),
    response_status_code: field("net/http.Response.StatusCode"),
    response_proto_major: field("net/http.Response.ProtoMajor"),
    response_proto_minor: field("net/http.Response.ProtoMinor"),
    response_content_length: field("net/http.Response.ContentLength"),
    response_header: field("net/http.Response.Header"),
    response_request: field("net/http.Response.Request"),
  },
  maps: { header_map: "net/http.Header" },
  itabs: connectionItabs,
  uses: { application_traces: ["go.opentelemetry.io/otel/sdk/trace.(*tracer).newSpan"] },
  probes: [
    {
      name: "end",
      program: "http_client_round_trip_returned",
      site: {
        at: "return",
        functions: ["net/http.(*Transport).roundTrip"],
        results: 3,
        callers: "anywhere",
        orItself: { constant: "round_trip_itself", hiddenBy: "its package" },
        indirectIn: ["net/http.send", "net/http/httputil.(*ReverseProxy).ServeHTTP"],
        // It lets a Transport write into a buffer.
        apartFrom: ["net/http/httputil.DumpRequestOut"],
      },
    },
    {
      name: "x/net HTTP/2 end",
      program: "http_client_round_trip_returned",
      site: {
        at: "return",
        functions: xRoundTrip,
        results: 3,
        callers: "anywhere",
        indirectIn: ["net/http.send", "net/http/httputil.(*ReverseProxy).ServeHTTP"],
      },
      when: xOwn,
      optional: true,
    },
    {
      name: "next attempt of HTTP/2",
      program: "http_client_round_trip_returned",
      site: { at: "return", functions: http2ShouldRetry, results: 3, callers: "package" },
      optional: true,
    },
    {
      name: "next attempt of x/net HTTP/2",
      program: "http_client_round_trip_returned",
      site: { at: "return", functions: xShouldRetry, results: 3, callers: "package" },
      when: xOwn,
      optional: true,
    },
    {
      name: "attempt of HTTP/2 failed",
      program: "http_client_http2_attempt_failed",
      site: { at: "entry", functions: http2ShouldRetry },
      optional: true,
    },
    {
      name: "attempt of x/net HTTP/2 failed",
      program: "http_client_http2_attempt_failed",
      site: { at: "entry", functions: xShouldRetry },
      when: xOwn,
      optional: true,
    },
    {
      name: "connection",
      program: "http_client_connection_found",
      site: { at: "entry", functions: ["net/http.(*persistConn).roundTrip"] },
      optional: true,
      tier: "socket",
    },
    {
      name: "attempt failed",
      program: "http_client_attempt_failed",
      site: { at: "entry", functions: ["net/http.(*persistConn).shouldRetryRequest"] },
      optional: true,
    },
    {
      name: "next attempt",
      program: "http_client_attempt_repeated",
      site: { at: "entry", functions: ["net/http.rewindBody"] },
      optional: true,
    },
    {
      name: "x/net HTTP/2 start",
      program: "http_client_round_trip_started",
      starts: true,
      site: { at: "entry", functions: xRoundTrip },
      when: xOwn,
      optional: true,
    },
    {
      name: "start",
      program: "http_client_round_trip_started",
      starts: true,
      site: { at: "entry", functions: ["net/http.(*Transport).roundTrip"] },
    },
  ],
  duration,
  toSpan,
};
