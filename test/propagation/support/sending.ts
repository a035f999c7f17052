import { connectionFields, connectionItabs } from "../../../src/libraries/connection-fields.ts";
import { field, type Library } from "../../../src/libraries/descriptor.ts";

function toSpan(): never {
  throw new Error("no spans here");
}

/** test/propagation/probe.bpf.c */
export const sending: Library = {
  path: "test/sending",
  name: "sending",
  module: "std",
  since: "1.17",
  fields: {
    ...connectionFields,
    g_goid: field("runtime.g.goid"),
    request_url: field("net/http.Request.URL"),
    url_path: field("net/url.URL.Path"),
    url_query: field("net/url.URL.RawQuery"),
    url_fragment: field("net/url.URL.Fragment"),
  },
  maps: {},
  itabs: connectionItabs,
  probes: [
    {
      name: "sending",
      program: "http_client_sending",
      site: { at: "entry", functions: ["net/http.(*persistConn).roundTrip"] },
    },
  ],
  toSpan,
};

/** test/propagation/grpc/probe.bpf.c */
export const calling: Library = {
  path: "test/calling",
  name: "calling",
  module: "google.golang.org/grpc",
  since: "1.14.0",
  fields: { g_goid: field("runtime.g.goid") },
  maps: {},
  itabs: {},
  probes: [
    {
      name: "fields taken",
      program: "grpc_fields_taken",
      site: {
        at: "entry",
        functions: ["google.golang.org/grpc/internal/transport.(*http2Client).newStream"],
      },
    },
    {
      name: "calling",
      program: "grpc_calling",
      site: { at: "entry", functions: ["google.golang.org/grpc.newClientStream"] },
    },
  ],
  toSpan,
};
