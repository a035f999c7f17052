import { field, type Library, type ProbeSpec } from "../../../../descriptor.ts";
import { framerFields } from "../../../../framer-fields.ts";
import { goroutineFields, openSpanFields } from "../../../../go-fields.ts";

/** An optional probe where these functions are entered. */
function entry(name: string, program: string, ...functions: readonly string[]): ProbeSpec {
  return { name, program, site: { at: "entry", functions }, optional: true, tier: "write" };
}

/**
 * Trace context in requests of net/http's client that can't get it on their sockets: HTTP/1 over TLS, and HTTP/2.
 * Without spans of its own.
 */
export const library: Library = {
  path: "net/http/client/write",
  name: "net/http client's headers",
  module: "std",
  since: "1.17",
  // Servers have the other functions too.
  usedBy: ["net/http.(*persistConn).roundTrip"],
  fields: {
    ...goroutineFields,
    ...openSpanFields,
    persist_conn_conn: field("net/http.persistConn.conn"),
    persist_conn_writer: field("net/http.persistConn.bw"),
    transport_request_request: field("net/http.transportRequest.Request"),
    request_header: field("net/http.Request.Header"),
    buffered_writer_buffer: field("bufio.Writer.buf"),
    buffered_writer_used: field("bufio.Writer.n"),
    ...framerFields("", ["net/http/internal/http2.", "net/http.http2"]),
    ...framerFields("x_", ["golang.org/x/net/http2."]),
  },
  maps: {},
  itabs: { conn_tcp_itab: { interface: "net.Conn", concrete: "*net.TCPConn" } },
  // What completes a frame stands before what lets it be padded, and that before what leads to either.
  probes: [
    entry(
      "HTTP/2 frame complete",
      "http_client_frame_ended",
      "net/http/internal/http2.(*Framer).endWrite",
      "net/http.(*http2Framer).endWrite",
    ),
    entry(
      "x/net HTTP/2 frame complete",
      "http_client_x_frame_ended",
      "golang.org/x/net/http2.(*Framer).endWrite",
    ),
    entry(
      "HTTP/2 frame",
      "http_client_frame_begun",
      "net/http/internal/http2.(*Framer).WriteHeaders",
      "net/http.(*http2Framer).WriteHeaders",
    ),
    entry("x/net HTTP/2 frame", "http_client_x_frame_begun", "golang.org/x/net/http2.(*Framer).WriteHeaders"),
    entry(
      "HTTP/2 stream",
      "http_client_stream_begun",
      "net/http/internal/http2.(*clientStream).doRequest",
      "net/http.(*http2clientStream).doRequest",
    ),
    entry(
      "x/net HTTP/2 stream",
      "http_client_stream_begun",
      "golang.org/x/net/http2.(*clientStream).doRequest",
    ),
    entry(
      "HTTP/2 request",
      "http_client_stream_taken",
      "net/http/internal/http2.(*ClientConn).roundTrip",
      "net/http.(*http2ClientConn).roundTrip",
      "net/http.(*http2ClientConn).RoundTrip",
    ),
    entry(
      "x/net HTTP/2 request",
      "http_client_stream_taken",
      "golang.org/x/net/http2.(*ClientConn).roundTrip",
      "golang.org/x/net/http2.(*ClientConn).RoundTrip",
    ),
    {
      name: "HTTP/1 headers",
      program: "http_client_headers_written",
      site: { at: "entry", functions: ["net/http.Header.writeSubset"] },
      tier: "write",
    },
    {
      name: "HTTP/1 request",
      program: "http_client_connection_taken",
      site: { at: "entry", functions: ["net/http.(*persistConn).roundTrip"] },
      tier: "write",
    },
  ],
};
