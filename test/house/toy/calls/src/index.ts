import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { ToyCall } from "../../../generated/libraries/toy/calls.ts";
import { field, type Library } from "../../descriptor.ts";

const grpc = "google.golang.org/grpc";
const call = new ToyCall();

export const library: Library = {
  path: "toy/calls",
  name: "toy calls",
  module: grpc,
  since: "1.14.0",
  fields: { g_goid: field("runtime.g.goid") },
  maps: {},
  itabs: {
    status_error: {
      interface: "error",
      concrete: [`*${grpc}/internal/status.Error`, `*${grpc}/status.statusError`],
    },
  },
  probes: [
    {
      name: "failure",
      program: "toy_calls_failed",
      site: {
        at: "return",
        functions: [`${grpc}.newClientStream`],
        results: 4,
        callers: "package",
        when: "error",
      },
    },
    {
      name: "message",
      program: "toy_calls_message_sent",
      site: { at: "entry", functions: [`${grpc}.(*clientStream).SendMsg`] },
      late: true,
    },
    {
      name: "stream's end",
      program: "toy_calls_stream_ended",
      site: { at: "entry", functions: [`${grpc}.(*clientStream).CloseSend`] },
    },
    {
      name: "stream",
      program: "toy_calls_stream_begun",
      site: { at: "entry", functions: [`${grpc}.(*ClientConn).NewStream`] },
      starts: true,
    },
  ],
  toSpan: (record) => {
    const { isStream, isCounted, isStatus, sent } = call.load(record);
    return {
      name: isStream ? `stream counted=${isCounted} sent=${sent}` : `failed status=${isStatus}`,
      kind: SpanKind.CLIENT,
      attributes: {},
      status: { code: SpanStatusCode.UNSET },
      traceState: undefined,
    };
  },
};
