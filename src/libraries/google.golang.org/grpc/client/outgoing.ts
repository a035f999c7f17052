/** What programs need that take a call's trace context to where its header fields are written: outgoing.h. */
import {
  type FieldSpec,
  field,
  type ItabSpec,
  optional,
  type ProbeSpec,
  type Tier,
} from "../../../descriptor.ts";
import { goroutineFields, openSpanFields } from "../../../go-fields.ts";

const transport = "google.golang.org/grpc/internal/transport";

/** Shows that a program makes calls: servers have the other functions too. */
export const createHeaderFields = `${transport}.(*http2Client).createHeaderFields`;

export const outgoingFields = {
  ...goroutineFields,
  ...openSpanFields,
  loopy_side: field(`${transport}.loopyWriter.side`),
  loopy_framer: field(`${transport}.loopyWriter.framer`),
  framer_writer: field(`${transport}.framer.writer`),
  buf_writer_conn: field(`${transport}.bufWriter.conn`),
  // How long a list of fields the peer takes; the usual length without them.
  loopy_bdp_estimator: optional(field(`${transport}.loopyWriter.bdpEst`)),
  bdp_update_flow_control: optional(field(`${transport}.bdpEstimator.updateFlowControl`)),
  client_framer: optional(field(`${transport}.http2Client.framer`)),
  client_list_limit: optional(field(`${transport}.http2Client.maxSendHeaderListSize`)),
} as const satisfies Record<string, FieldSpec>;

export const outgoingItabs = {
  conn_tcp_itab: { interface: "net.Conn", concrete: "*net.TCPConn" },
} as const satisfies Record<string, ItabSpec>;

/** Where a call's fields are made, and where they are written: one program each, named alike in either tier's object. */
export function outgoingProbes(tier: Tier): readonly ProbeSpec[] {
  return [
    {
      name: "headers written",
      program: "grpc_client_headers_written",
      site: { at: "entry", functions: [`${transport}.(*loopyWriter).writeHeader`] },
      tier,
    },
    {
      name: "header fields",
      program: "grpc_client_fields_made",
      site: { at: "return", functions: [createHeaderFields], results: 2, callers: "package" },
      tier,
    },
  ];
}
