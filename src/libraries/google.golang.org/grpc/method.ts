/** How a method is called in attributes: https://opentelemetry.io/docs/specs/semconv/rpc/grpc/ */
import type { Attributes } from "@opentelemetry/api";
import { ATTR_RPC_METHOD, ATTR_RPC_SYSTEM_NAME } from "@opentelemetry/semantic-conventions";
import { ATTR_RPC_SERVICE, ATTR_RPC_SYSTEM } from "@opentelemetry/semantic-conventions/incubating";

/** "/pkg.Service/Method", in its parts. */
export interface Method {
  /** Undefined when the name is malformed: it has one slash at most. */
  readonly service: string | undefined;
  readonly method: string;
  /** As a span's name has it, without the leading slash. */
  readonly name: string;
}

/** As grpc-go's server takes it apart: the service may have slashes of its own, the method has none. */
export function methodOf(path: string): Method {
  const name = path.startsWith("/") ? path.slice(1) : path;
  const slash = name.lastIndexOf("/");
  return slash < 0
    ? { service: undefined, method: name, name }
    : { service: name.slice(0, slash), method: name.slice(slash + 1), name };
}

/** A span's name, and the attributes that say which method it is about. */
export function methodAttributes(
  path: string,
  rpcDup: boolean,
): { readonly name: string; readonly attributes: Attributes } {
  const { service, method, name } = methodOf(path);
  return {
    // A name must not be empty.
    name: name || "grpc",
    attributes: {
      [ATTR_RPC_SYSTEM_NAME]: "grpc",
      ...(rpcDup ? { [ATTR_RPC_SYSTEM]: "grpc" } : {}),
      ...(service === undefined ? {} : { [ATTR_RPC_SERVICE]: service }),
      ...(method ? { [ATTR_RPC_METHOD]: method } : {}),
    },
  };
}
