import { field, type Library, optional } from "../../../descriptor.ts";
import { goroutineFields, openSpanFields, returnFields, schedFields } from "../../../go-fields.ts";
import { addressFields, addressItabs } from "../address.ts";
import { errorItabs, statusFields } from "../status-fields.ts";
import { duration } from "./duration.ts";
import { toSpan } from "./to-span.ts";

const grpc = "google.golang.org/grpc";
const otelSdk = "go.opentelemetry.io/otel/sdk/trace";
/** Makes the stream of every call; since 1.36 newClientStream leaves that to this one. */
const withParams = `${grpc}.newClientStreamWithParams`;

export const library: Library = {
  path: "google.golang.org/grpc/client",
  name: "gRPC client",
  module: grpc,
  since: "1.14.0",
  fields: {
    ...goroutineFields,
    ...openSpanFields,
    ...returnFields,
    ...schedFields,
    ...statusFields,
    ...addressFields,
    connection_target: field(`${grpc}.ClientConn.target`),
    connection_authority: field(`${grpc}.ClientConn.authority`),
    stream_connection: field(`${grpc}.clientStream.cc`),
    stream_description: field(`${grpc}.clientStream.desc`),
    stream_retries: field(`${grpc}.clientStream.numRetries`),
    stream_context: field(`${grpc}.clientStream.ctx`),
    stream_attempt: field(`${grpc}.clientStream.attempt`),
    attempt_context: optional(field(`${grpc}.csAttempt.ctx`)),
    attempt_transport: optional(field(`${grpc}.csAttempt.transport`, `${grpc}.csAttempt.t`)),
    transport_remote_address: optional(field(`${grpc}/internal/transport.http2Client.remoteAddr`)),
    recording_span_context: optional(field(`${otelSdk}.recordingSpan.spanContext`)),
    recording_span_kind: optional(field(`${otelSdk}.recordingSpan.spanKind`)),
    description_server_streams: field(`${grpc}.StreamDesc.ServerStreams`),
    description_client_streams: field(`${grpc}.StreamDesc.ClientStreams`),
  },
  maps: {},
  itabs: { ...errorItabs, ...addressItabs },
  uses: { application_traces: [`${otelSdk}.(*tracer).newSpan`] },
  probes: [
    {
      name: "end",
      program: "grpc_client_call_finished",
      site: { at: "entry", functions: [`${grpc}.(*clientStream).finish`] },
    },
    {
      name: "end without a stream",
      program: "grpc_client_call_returned",
      site: {
        at: "return",
        functions: [`${grpc}.newClientStream`],
        results: 4,
        firstResult: 2,
        callers: "package",
        when: "error",
      },
      optional: true,
    },
    {
      name: "end without a stream, of streams",
      program: "grpc_client_call_returned",
      site: { at: "return", functions: [`${grpc}.(*ClientConn).NewStream`], results: 4, callers: "itself" },
      optional: true,
    },
    {
      name: "stream",
      program: "grpc_client_stream_begun",
      site: { at: "call", function: withParams, callee: "runtime.newproc" },
      when: withParams,
    },
    {
      name: "stream, up to 1.35",
      program: "grpc_client_stream_begun",
      site: { at: "call", function: `${grpc}.newClientStream`, callee: "runtime.newproc" },
      unless: withParams,
    },
    {
      name: "message sent",
      program: "grpc_client_message_sent",
      site: { at: "entry", functions: [`${grpc}.(*clientStream).SendMsg`] },
      late: true,
      optional: true,
    },
    {
      name: "message received",
      program: "grpc_client_message_wanted",
      site: { at: "entry", functions: [`${grpc}.(*clientStream).RecvMsg`] },
      late: true,
      optional: true,
    },
    {
      name: "start",
      program: "grpc_client_call_started",
      starts: true,
      site: { at: "entry", functions: [`${grpc}.newClientStream`] },
    },
  ],
  duration,
  toSpan,
};
