import type { Library } from "../../../../descriptor.ts";
import { framerFields } from "../../../../framer-fields.ts";
import { createHeaderFields, outgoingFields, outgoingItabs, outgoingProbes } from "../outgoing.ts";

/**
 * Trace context in calls of gRPC's client that can't get it on their sockets: over TLS above all. Without spans of its
 * own.
 */
export const library: Library = {
  path: "google.golang.org/grpc/client/write",
  name: "gRPC client's headers",
  module: "google.golang.org/grpc",
  since: "1.14.0",
  usedBy: [createHeaderFields],
  fields: { ...outgoingFields, ...framerFields("", ["golang.org/x/net/http2."]) },
  maps: {},
  itabs: outgoingItabs,
  // What completes a frame stands before what lets it be padded, and that before what leads to either.
  probes: [
    {
      name: "frame complete",
      program: "grpc_client_frame_ended",
      site: { at: "entry", functions: ["golang.org/x/net/http2.(*Framer).endWrite"] },
      tier: "write",
    },
    {
      name: "frame",
      program: "grpc_client_frame_begun",
      site: { at: "entry", functions: ["golang.org/x/net/http2.(*Framer).WriteHeaders"] },
      optional: true,
      tier: "write",
    },
    ...outgoingProbes("write"),
  ],
};
