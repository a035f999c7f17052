/** What a call's status says, as attributes: https://opentelemetry.io/docs/specs/semconv/rpc/grpc/ */
import { type Attributes, type SpanStatus, SpanStatusCode } from "@opentelemetry/api";
import { ATTR_ERROR_TYPE } from "@opentelemetry/semantic-conventions";
import {
  ATTR_RPC_GRPC_STATUS_CODE,
  ATTR_RPC_RESPONSE_STATUS_CODE,
} from "@opentelemetry/semantic-conventions/incubating";
import { redacted } from "../../secret-names.ts";

/** https://github.com/grpc/grpc/blob/master/doc/statuscodes.md: each at the place of its number. */
const names = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const;

export type StatusName = (typeof names)[number];

/** "NOT_FOUND" for 5; a number that gRPC doesn't know, which a program may choose, stays one. */
export function statusName(code: number): string {
  return names[code] ?? String(code);
}

/** `isError`: which codes are errors is for clients and servers to say. */
export function statusAttributes(code: number, isError: boolean, rpcDup: boolean): Attributes {
  const name = statusName(code);
  return {
    [ATTR_RPC_RESPONSE_STATUS_CODE]: name,
    ...(isError ? { [ATTR_ERROR_TYPE]: name } : {}),
    ...(rpcDup ? { [ATTR_RPC_GRPC_STATUS_CODE]: code } : {}),
  };
}

/** Of a span whose call has failed; "" where there is no message. */
export function failedWith(message: string): SpanStatus {
  if (!message) return { code: SpanStatusCode.ERROR };
  return { code: SpanStatusCode.ERROR, message: withoutUsers(message) };
}

/** Errors of resolvers and dialers repeat the target that they were given, with its user and password. */
function withoutUsers(message: string): string {
  return message.replace(/[^\s"'/:@]+:(?!\/\/)[^\s"'@]+@/g, `${redacted}@`);
}
