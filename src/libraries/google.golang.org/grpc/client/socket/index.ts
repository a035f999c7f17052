import { tcpConnFields } from "../../../../connection-fields.ts";
import { field, type Library } from "../../../../descriptor.ts";
import { createHeaderFields, outgoingFields, outgoingItabs, outgoingProbes } from "../outgoing.ts";

/** Trace context in calls over connections of plain TCP, left for their sockets. Without spans of its own. */
export const library: Library = {
  path: "google.golang.org/grpc/client/socket",
  name: "gRPC client's headers on plain TCP",
  module: "google.golang.org/grpc",
  since: "1.14.0",
  usedBy: [createHeaderFields],
  bySocket: { what: "gRPC calls", leaves: "outgoing_frames" },
  fields: {
    ...outgoingFields,
    ...tcpConnFields,
    buf_writer_offset: field("google.golang.org/grpc/internal/transport.bufWriter.offset"),
  },
  maps: {},
  itabs: { conn_tcp_itab: { ...outgoingItabs.conn_tcp_itab, needs: Object.keys(tcpConnFields) } },
  probes: outgoingProbes("socket"),
};
