import {
  Ending,
  type GrpcServerCall,
} from "../../../../generated/libraries/google.golang.org/grpc/server.ts";

/** How a call ended. */
export interface Outcome {
  /** Of the status that the client was sent. */
  readonly code: number;
  /** Whether the server is to blame. */
  readonly isError: boolean;
  readonly message: string;
}

const cancelled = 1;
const unknown = 2;

/**
 * UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS: the others say that the client asked for
 * something wrong. https://opentelemetry.io/docs/specs/semconv/rpc/grpc/#server
 */
const serverErrors = new Set([unknown, 4, 12, 13, 14, 15]);

export function outcomeOf({ hasStatus, code, ending, message }: GrpcServerCall): Outcome {
  if (hasStatus) return { code, isError: serverErrors.has(code), message };
  if (ending === Ending.goexit) return { code: unknown, isError: true, message: "runtime.Goexit" };
  // grpc-go sends no status when a unary reply finds its stream gone: the client has reset it, or its connection.
  return { code: cancelled, isError: false, message: "" };
}
