import { field, type Library, optional } from "../../../descriptor.ts";
import { goroutineFields, mapFields, openSpanFields, panicFields } from "../../../go-fields.ts";
import { duration } from "./duration.ts";
import { toSpan } from "./to-span.ts";

export const library: Library = {
  path: "net/http/server",
  name: "net/http server",
  module: "std",
  since: "1.17",
  fields: {
    ...goroutineFields,
    ...openSpanFields,
    ...panicFields,
    ...mapFields,
    request_method: field("net/http.Request.Method"),
    request_proto_major: field("net/http.Request.ProtoMajor"),
    request_proto_minor: field("net/http.Request.ProtoMinor"),
    request_header: field("net/http.Request.Header"),
    request_content_length: field("net/http.Request.ContentLength"),
    request_host: field("net/http.Request.Host"),
    request_remote_addr: field("net/http.Request.RemoteAddr"),
    request_uri: field("net/http.Request.RequestURI"),
    request_tls: field("net/http.Request.TLS"),
    request_context: field("net/http.Request.ctx"),
    request_pattern: optional(field("net/http.Request.Pattern")),
    request_pat: optional(field("net/http.Request.pat")),
    pattern_text: optional(field("net/http.pattern.str")),
    response_written: field("net/http.response.written"),
    response_status: field("net/http.response.status"),
    response_handler_header: optional(field("net/http.response.handlerHeader")),
    response_chunk_writer: optional(field("net/http.response.cw")),
    chunk_writer_header: optional(field("net/http.chunkWriter.header")),
    conn_hijacked: optional(field("net/http.conn.hijackedv")),
    http2_writer_state: optional(
      field("net/http/internal/http2.responseWriter.rws", "net/http.http2responseWriter.rws"),
    ),
    http2_status: optional(
      field("net/http/internal/http2.responseWriterState.status", "net/http.http2responseWriterState.status"),
    ),
    http2_written: optional(
      field(
        "net/http/internal/http2.responseWriterState.wroteBytes",
        "net/http.http2responseWriterState.wroteBytes",
      ),
    ),
    http2_handler_header: optional(
      field(
        "net/http/internal/http2.responseWriterState.handlerHeader",
        "net/http.http2responseWriterState.handlerHeader",
      ),
    ),
    http2_sent_header: optional(
      field(
        "net/http/internal/http2.responseWriterState.snapHeader",
        "net/http.http2responseWriterState.snapHeader",
      ),
    ),
    x_http2_writer_state: optional(field("golang.org/x/net/http2.responseWriter.rws")),
    x_http2_status: optional(field("golang.org/x/net/http2.responseWriterState.status")),
    x_http2_written: optional(field("golang.org/x/net/http2.responseWriterState.wroteBytes")),
    x_http2_handler_header: optional(field("golang.org/x/net/http2.responseWriterState.handlerHeader")),
    x_http2_sent_header: optional(field("golang.org/x/net/http2.responseWriterState.snapHeader")),
  },
  maps: { header_map: "net/http.Header" },
  itabs: {
    writer_http1: { interface: "net/http.ResponseWriter", concrete: "*net/http.response" },
    writer_http2: {
      interface: "net/http.ResponseWriter",
      concrete: "*net/http.http2responseWriter",
      needs: ["http2_writer_state", "http2_status", "http2_written", "HTTP/2 end"],
    },
    writer_http2_wrapped: {
      interface: "net/http.ResponseWriter",
      concrete: "net/http.http2ResponseWriter",
      needs: ["http2_writer_state", "http2_status", "http2_written", "HTTP/2 end"],
    },
    writer_x_http2: {
      interface: "net/http.ResponseWriter",
      concrete: "*golang.org/x/net/http2.responseWriter",
      needs: ["x_http2_writer_state", "x_http2_status", "x_http2_written", "x/net HTTP/2 end"],
    },
  },
  probes: [
    {
      name: "HTTP/1 end",
      program: "http_server_handler_returned",
      site: {
        at: "call",
        function: "net/http.(*conn).serve",
        after: "net/http.serverHandler.ServeHTTP",
        callee: "net/http.(*conn).hijacked",
      },
    },
    {
      name: "HTTP/1 panic",
      program: "http_server_connection_ended",
      site: { at: "entry", functions: ["net/http.(*conn).serve.func1"] },
    },
    {
      name: "HTTP/2 end",
      program: "http_server_stream_ended",
      site: {
        at: "entry",
        functions: [
          "net/http/internal/http2.(*serverConn).runHandler.func1",
          "net/http.(*http2serverConn).runHandler.func1",
        ],
      },
      optional: true,
    },
    {
      name: "x/net HTTP/2 end",
      program: "http_server_stream_ended",
      site: { at: "entry", functions: ["golang.org/x/net/http2.(*serverConn).runHandler.func1"] },
      optional: true,
    },
    {
      name: "h2c start",
      program: "http_server_x_handler_called",
      starts: true,
      site: { at: "entry", functions: ["golang.org/x/net/http2.(*serverConn).runHandler"] },
      when: "golang.org/x/net/http2/h2c.h2cHandler.ServeHTTP",
      optional: true,
    },
    {
      name: "start",
      program: "http_server_handler_called",
      starts: true,
      site: { at: "entry", functions: ["net/http.serverHandler.ServeHTTP"] },
    },
  ],
  duration,
  toSpan,
  tryOut: (address) => `curl http://${address}/`,
};
