/** Variables that name a proxy. grpc-js takes one; OTLP over HTTP, which is Node's own client, doesn't. */
import type { OtlpOptions } from "../config/config.ts";

export interface ProxyVariables {
  /** The one that a gRPC connection goes through. */
  readonly used: string | undefined;
  /** All that are set. */
  readonly set: readonly string[];
}

/** As https://github.com/grpc/grpc-node/blob/master/packages/grpc-js/src/http_proxy.ts reads them, the first that is set. */
const grpcVariables = ["grpc_proxy", "https_proxy", "http_proxy"] as const;
const allVariables = [...grpcVariables, "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

export function proxyVariables(
  { protocol, endpoint }: Pick<OtlpOptions, "protocol" | "endpoint">,
  environment: Readonly<Record<string, string | undefined>>,
): ProxyVariables {
  const set = allVariables.filter((name) => environment[name]);
  const used = grpcVariables.find((name) => environment[name]);
  const excepted = isExcepted(
    new URL(endpoint).hostname,
    environment.no_grpc_proxy ?? environment.no_proxy ?? "",
  );
  return { set, used: protocol === "grpc" && !excepted ? used : undefined };
}

/** Host names and their ends, separated by commas. */
function isExcepted(host: string, list: string): boolean {
  return list
    .split(",")
    .map((name) => name.trim().replace(/^\./, ""))
    .some((name) => name === "*" || (name !== "" && (host === name || host.endsWith(`.${name}`))));
}
