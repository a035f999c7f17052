/** What a user reads about the export of spans. */
import { ExitCode } from "./exit-code.ts";
import { printable } from "./printable.ts";
import { type Explanation, explain, UserError } from "./user-error.ts";

/** Where spans go, for messages: never with user name or password. */
export function endpointText(endpoint: string): string {
  const url = new URL(endpoint);
  return printable(`${url.protocol}//${url.host}${url.pathname === "/" ? "" : url.pathname}`);
}

export function tlsFileUnusable(variable: string, path: string, reason: string): UserError {
  return new UserError(ExitCode.usage, {
    what: `${variable}: ${printable(path)} cannot be used`,
    why: printable(reason),
    next: "give the path of a readable PEM file",
  });
}

export function exportFails(endpoint: string, { why, next }: FailureCause): string {
  return explain({
    what: `spans cannot be sent to ${endpointText(endpoint)}`,
    why,
    works:
      "the target runs undisturbed; spans wait while there is room, and what is refused or too old is counted",
    next,
  });
}

export function exportStillFails(endpoint: string, cause: FailureCause, lostSpans: number): string {
  return `spans still cannot be sent to ${endpointText(endpoint)} (${cause.why}); ${lost(lostSpans)}`;
}

export function exportRecovered(endpoint: string, lostSpans: number): string {
  return `spans are sent to ${endpointText(endpoint)} again; ${lost(lostSpans)}`;
}

export function spansRejected(endpoint: string, rejected: number, message: string | undefined): string {
  const reason = message ? `: ${printable(message)}` : "";
  return `${endpointText(endpoint)} rejected ${spans(rejected)}${reason}`;
}

export function spansNotDrawn(count: number): string {
  return `… ${spans(count)} more came than a terminal can show`;
}

function lost(count: number): string {
  return count === 0 ? "none is lost so far" : `${spans(count)} lost meanwhile`;
}

function spans(count: number): string {
  return `${count.toLocaleString("en")} ${count === 1 ? "span" : "spans"}`;
}

export type FailureCause = Pick<Explanation, "why" | "next"> & {
  readonly why: string;
  readonly next: string;
};

export const failureCauses = {
  refused: (address: string) => ({
    why: `nothing listens at ${address}`,
    next: "start a collector there, or set --endpoint; --console shows traces without one",
  }),
  unknownHost: (host: string) => ({
    why: `the host name ${host} cannot be resolved`,
    next: "check the host in --endpoint",
  }),
  unreachable: (address: string) => ({
    why: `${address} cannot be reached`,
    next: "check the network between this host and the endpoint",
  }),
  noAnswer: (seconds: number) => ({
    why: `no complete answer within ${seconds} s`,
    next: "check the endpoint's load, or raise OTEL_EXPORTER_OTLP_TIMEOUT",
  }),
  busy: () => ({
    why: "the endpoint keeps asking to try again later (HTTP 429, 502, 503 or 504)",
    next: "look into the endpoint's own log",
  }),
  webPage: () => ({
    why: "it answers with a web page, as no OTLP endpoint does",
    next: "check host, port and path of --endpoint; a collector takes OTLP over HTTP at port 4318",
  }),
  notHttp: (port: string) => ({
    why: `what answers at port ${port} does not speak HTTP/1`,
    next: "if it is a gRPC port (usually 4317), use --protocol grpc",
  }),
  notGrpc: (port: string) => ({
    why: `what answers at port ${port} does not speak gRPC`,
    next: "if it is an HTTP port (usually 4318), use --protocol http/protobuf",
  }),
  notTls: () => ({
    why: "the endpoint does not speak TLS",
    next: "use http:// instead of https:// in --endpoint",
  }),
  certificate: (reason: string) => ({
    why: `the endpoint's certificate is not trusted (${reason})`,
    next: "set OTEL_EXPORTER_OTLP_CERTIFICATE to the PEM file of its certificate authority",
  }),
  denied: (status: string) => ({
    why: `the endpoint refuses our credentials (${status})`,
    next: "set OTEL_EXPORTER_OTLP_HEADERS to what it wants, for example authorization=Bearer%20TOKEN",
  }),
  wrongPath: (status: string, path: string) => ({
    why: `the endpoint takes no traces at ${path} (${status})`,
    next: "check the path in --endpoint; a collector takes traces at /v1/traces",
  }),
  tooLarge: (status: string) => ({
    why: `the endpoint finds our requests too large (${status})`,
    next: "lower OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
  }),
  wrongFormat: (status: string) => ({
    why: `the endpoint does not take this format (${status})`,
    next: "try another --protocol: http/protobuf, http/json or grpc",
  }),
  other: (text: string) => ({ why: printable(text), next: "look into the endpoint's own log" }),
} satisfies Record<string, (...details: never[]) => FailureCause>;
