import { field, type Library, optional, type ProbeSpec } from "../../../descriptor.ts";
import { goroutineFields, mapFields, openSpanFields, panicFields } from "../../../go-fields.ts";
import { addressFields, addressItabs } from "../address.ts";
import { statusFields } from "../status-fields.ts";
import { duration } from "./duration.ts";
import { toSpan } from "./to-span.ts";

/** Since grpc-go 1.85; before, calls and streams each have a function. */
const processRPC = "google.golang.org/grpc.(*Server).processRPC";
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
    ...panicFields,
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
    server_stream: field("google.golang.org/grpc.serverStream.s"),
    server_stream_context: field("google.golang.org/grpc.serverStream.ctx"),
    server_stream_desc: optional(field("google.golang.org/grpc.serverStream.desc")),
    stream_desc_client: field("google.golang.org/grpc.StreamDesc.ClientStreams"),
    stream_desc_server: field("google.golang.org/grpc.StreamDesc.ServerStreams"),
    stream_reader: optional(field(`${transport}.Stream.trReader`)),
    stream_behind_reader: optional(field(`${transport}.Stream.fc`)),
    reader_error: optional(field(`${transport}.transportReader.er`)),
  },
  maps: { header_map: "google.golang.org/grpc/metadata.MD" },
  itabs: {
    ...addressItabs,
    transport_http2: { interface: transportInterfaces, concrete: `*${transport}.http2Server` },
    transport_handler: { interface: transportInterfaces, concrete: `*${transport}.serverHandlerTransport` },
  },
  uses: { begins_at_rpc: [processRPC] },
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
    ...[
      { name: "messages sent", program: "grpc_server_message_sent", method: "SendMsg" },
      { name: "messages received", program: "grpc_server_message_awaited", method: "RecvMsg" },
    ].flatMap(({ name, program, method }): readonly ProbeSpec[] => {
      const functions = [`google.golang.org/grpc.(*serverStream).${method}`];
      const probe = { name, program, site: { at: "entry", functions }, optional: true } as const;
      // Since then calls with one message each go there as well: the first stream has them attached.
      return [
        { ...probe, unless: processRPC },
        { ...probe, when: processRPC, late: true },
      ];
    }),
    {
      name: "start since 1.85",
      program: "grpc_server_rpc_started",
      starts: true,
      site: { at: "entry", functions: [processRPC] },
      when: processRPC,
    },
    {
      name: "start",
      program: "grpc_server_stream_handled",
      starts: true,
      site: { at: "entry", functions: ["google.golang.org/grpc.(*Server).handleStream"] },
      unless: processRPC,
    },
  ],
  duration,
  toSpan,
  // It asks for reflection; a server without answers Unimplemented, which is a span as well.
  tryOut: (address) => `grpcurl -plaintext ${address} list`,
};
