import { field, type Library, optional } from "../../../descriptor.ts";
import { goroutineFields, mapFields, openSpanFields } from "../../../go-fields.ts";
import { addressFields, addressItabs } from "../address.ts";
import { statusFields } from "../status-fields.ts";
import { duration } from "./duration.ts";
import { toSpan } from "./to-span.ts";

const transport = "google.golang.org/grpc/internal/transport";
/** What a stream knows its transport by, newest first. */
const transportInterfaces = [`${transport}.internalServerTransport`, `${transport}.ServerTransport`];

export const library: Library = {
  path: "google.golang.org/grpc/server",
  name: "gRPC server",
  module: "google.golang.org/grpc",
  since: "1.14.0",
  fields: {
    ...goroutineFields,
    ...openSpanFields,
    ...mapFields,
    ...addressFields,
    ...statusFields,
    stream_method: field(`${transport}.Stream.method`),
    stream_context: field(`${transport}.Stream.ctx`),
    stream_transport: optional(field(`${transport}.Stream.st`)),
    server_stream_transport: optional(field(`${transport}.ServerStream.st`)),
    http2_peer: optional(field(`${transport}.http2Server.peer`)),
    peer_address: optional(field("google.golang.org/grpc/peer.Peer.Addr")),
    peer_local_address: optional(field("google.golang.org/grpc/peer.Peer.LocalAddr")),
    http2_remote_address: optional(field(`${transport}.http2Server.remoteAddr`)),
    http2_local_address: optional(field(`${transport}.http2Server.localAddr`)),
    handler_request: optional(field(`${transport}.serverHandlerTransport.req`)),
    request_remote_address: optional(field("net/http.Request.RemoteAddr")),
    server_options: optional(field("google.golang.org/grpc.Server.opts")),
    options_workers: optional(field("google.golang.org/grpc.serverOptions.numServerWorkers")),
  },
  maps: { header_map: "google.golang.org/grpc/metadata.MD" },
  itabs: {
    ...addressItabs,
    transport_http2: { interface: transportInterfaces, concrete: `*${transport}.http2Server` },
    transport_handler: { interface: transportInterfaces, concrete: `*${transport}.serverHandlerTransport` },
  },
  types: { metadata_type: ["google.golang.org/grpc/metadata.MD"] },
  probes: [
    {
      name: "end",
      program: "grpc_server_stream_returned",
      site: {
        at: "return",
        functions: ["google.golang.org/grpc.(*Server).handleStream"],
        results: 0,
        callers: "package",
      },
    },
    {
      name: "end by runtime.Goexit",
      program: "grpc_server_goroutine_exits",
      site: { at: "entry", functions: ["runtime.Goexit"] },
      optional: true,
    },
    {
      name: "status",
      program: "grpc_server_status_written",
      site: {
        at: "entry",
        functions: [`${transport}.(*http2Server).writeStatus`, `${transport}.(*http2Server).WriteStatus`],
      },
    },
    {
      name: "status through ServeHTTP",
      program: "grpc_server_status_written",
      site: {
        at: "entry",
        functions: [
          `${transport}.(*serverHandlerTransport).writeStatus`,
          `${transport}.(*serverHandlerTransport).WriteStatus`,
        ],
      },
      optional: true,
    },
    {
      name: "start",
      program: "grpc_server_stream_handled",
      starts: true,
      site: { at: "entry", functions: ["google.golang.org/grpc.(*Server).handleStream"] },
    },
  ],
  duration,
  toSpan,
};
