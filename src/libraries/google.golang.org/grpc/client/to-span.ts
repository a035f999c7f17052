import { type Attributes, SpanKind, type SpanStatus, SpanStatusCode } from "@opentelemetry/api";
import {
  ATTR_ERROR_TYPE,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from "@opentelemetry/semantic-conventions";
import { GrpcClientCall } from "../../../../generated/libraries/google.golang.org/grpc/client.ts";
import type { LibrarySpan, RecordBytes, SpanFacts } from "../../../descriptor.ts";
import { addressOf } from "../address.ts";
import { methodAttributes } from "../method.ts";
import { failedWith, statusAttributes } from "../status.ts";
import { serverOf } from "./target.ts";

/** How often the service config's policy had it sent again; the conventions have no attribute for that. */
const resendCount = "rpc.grpc.resend_count";

/** The conventions have an event for each message, which would cost more than the stream. */
const [messagesSent, messagesReceived] = ["rpc.messages.sent", "rpc.messages.received"];

const call = new GrpcClientCall();

/** A record of ebpf/libraries/google.golang.org/grpc/client/client.h as a span of the RPC conventions. */
export function toSpan(record: RecordBytes, { semconv: { rpcDup } }: SpanFacts): LibrarySpan {
  call.load(record);
  const { name, attributes } = methodAttributes(call.method, rpcDup);
  const { host, port } = serverOf(call.target, call.authority);
  if (host) attributes[ATTR_SERVER_ADDRESS] = host;
  if (host && port !== undefined) attributes[ATTR_SERVER_PORT] = port;
  Object.assign(attributes, peerAttributes());
  if (call.retries > 0) attributes[resendCount] = call.retries;
  if (call.isCounted) {
    attributes[messagesSent] = call.sent;
    attributes[messagesReceived] = call.received;
  }
  Object.assign(attributes, outcomeAttributes(rpcDup));
  return {
    name,
    kind: SpanKind.CLIENT,
    attributes,
    status: statusOf(),
    traceState: undefined,
  };
}

/** The socket that the last attempt used. */
function peerAttributes(): Attributes {
  const peer = addressOf({
    kind: call.peerKind,
    ip: call.peerIp,
    port: call.peerPort,
    name: call.peerName,
  });
  if (!peer?.host) return {};
  return {
    [ATTR_NETWORK_PEER_ADDRESS]: peer.host,
    ...(peer.port === undefined ? {} : { [ATTR_NETWORK_PEER_PORT]: peer.port }),
  };
}

function hasFailed(): boolean {
  return call.outcomeUnseen === 1 || call.code !== 0;
}

function outcomeAttributes(rpcDup: boolean): Attributes {
  return call.outcomeUnseen === 1
    ? { [ATTR_ERROR_TYPE]: "_OTHER" }
    : statusAttributes(call.code, hasFailed(), rpcDup);
}

/** Whatever is not OK is a client's error. */
function statusOf(): SpanStatus {
  if (!hasFailed()) return { code: SpanStatusCode.UNSET };
  return failedWith(call.message);
}
