import { type Attributes, SpanKind, type SpanStatus, SpanStatusCode } from "@opentelemetry/api";
import {
  ATTR_CLIENT_ADDRESS,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_TRANSPORT,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_USER_AGENT_ORIGINAL,
} from "@opentelemetry/semantic-conventions";
import { GrpcServerCall } from "../../../../generated/libraries/google.golang.org/grpc/server.ts";
import type { LibrarySpan, RecordBytes, SpanFacts } from "../../../descriptor.ts";
import { splitHostPort } from "../../../http.ts";
import { type Address, addressOf, withoutSecrets } from "../address.ts";
import { methodAttributes } from "../method.ts";
import { failedWith, statusAttributes } from "../status.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";

const call = new GrpcServerCall();

/** Most bytes of an :authority, as ebpf/libraries/google.golang.org/grpc/server/server.h has it. */
export const maxAuthority = 128;

/** A record of ebpf/libraries/google.golang.org/grpc/server/server.h as a span of the RPC conventions. */
export function toSpan(record: RecordBytes, facts: SpanFacts): LibrarySpan {
  call.load(record);
  const outcome = outcomeOf(call);
  const { name, attributes } = methodAttributes(call.method, facts.semconv.rpcDup);
  Object.assign(attributes, statusAttributes(outcome.code, outcome.isError, facts.semconv.rpcDup));
  addPeers(attributes);
  const userAgent = call.userAgent;
  if (userAgent) attributes[ATTR_USER_AGENT_ORIGINAL] = userAgent;
  if (call.isCounted) {
    attributes["rpc.messages.sent"] = call.sent;
    attributes["rpc.messages.received"] = call.received;
  }
  return {
    name,
    kind: SpanKind.SERVER,
    attributes,
    status: statusOf(outcome),
    traceState: call.tracestate || undefined,
  };
}

function addPeers(attributes: Attributes): void {
  const { peerKind, peerIp, peerPort, peerName } = call;
  const { localKind, localIp, localPort, localName } = call;
  const peer = addressOf({ kind: peerKind, ip: peerIp, port: peerPort, name: peerName });
  const local = addressOf({ kind: localKind, ip: localIp, port: localPort, name: localName });
  const server = serverOf(call.authority, local);
  if (server?.host) attributes[ATTR_SERVER_ADDRESS] = server.host;
  if (server?.port !== undefined) attributes[ATTR_SERVER_PORT] = server.port;
  if (peer?.host) {
    attributes[ATTR_CLIENT_ADDRESS] = peer.host;
    attributes[ATTR_NETWORK_PEER_ADDRESS] = peer.host;
  }
  if (peer?.port !== undefined) {
    attributes[ATTR_NETWORK_PEER_PORT] = peer.port;
  }
  if (local?.isUnix) attributes[ATTR_NETWORK_TRANSPORT] = "unix";
}

/** Whom the client has called. Over a Unix socket its :authority is made up: the socket's path says it. */
function serverOf(authority: string, local: Address | undefined): Partial<Address> | undefined {
  // What was cut may be a password whose end is missing.
  if (!authority || local?.isUnix || Buffer.byteLength(authority) >= maxAuthority) return local;
  const { host, port } = splitHostPort(withoutSecrets(authority));
  if (!host) return local;
  return { host, port: port ?? local?.port };
}

function statusOf({ isError, message }: Outcome): SpanStatus {
  if (!isError) return { code: SpanStatusCode.UNSET };
  return failedWith(message ?? "");
}
