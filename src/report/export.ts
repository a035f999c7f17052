/** What a user reads about the export of spans and metrics. */
import { counted } from "./count.ts";
import { ExitCode } from "./exit-code.ts";
import { printable } from "./printable.ts";
import { type SignalWords, signalWords } from "./signals.ts";
import { type Explanation, explain, UserError } from "./user-error.ts";

/** Where an export goes, for messages: never with user name or password. */
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

export function exportFails(words: SignalWords, endpoint: string, { why, next }: FailureCause): string {
  return explain({
    what: `${words.many} cannot be sent to ${endpointText(endpoint)}`,
    why,
    works: words.stillWorks,
    next,
  });
}

export function exportStillFails(
  words: SignalWords,
  endpoint: string,
  cause: FailureCause,
  lost: number,
): string {
  return `${words.many} still cannot be sent to ${endpointText(endpoint)} (${cause.why}); ${lostText(words, lost)}`;
}

export function exportRecovered(words: SignalWords, endpoint: string, lost: number): string {
  return `${words.many} are sent to ${endpointText(endpoint)} again; ${lostText(words, lost)}`;
}

export function itemsRejected(
  words: SignalWords,
  endpoint: string,
  rejected: number,
  message: string | undefined,
): string {
  const reason = message ? `: ${printable(message)}` : "";
  return `${endpointText(endpoint)} rejected ${countText(words, rejected)}${reason}`;
}

export function spansNotDrawn(count: number): string {
  return `… ${countText(signalWords.traces, count)} more came than a terminal can show`;
}

function lostText(words: SignalWords, count: number): string {
  return count === 0 ? "none is lost so far" : `${countText(words, count)} lost meanwhile`;
}

function countText({ one, many }: SignalWords, count: number): string {
  return counted(count, one, many);
}

export type FailureCause = Pick<Explanation, "why" | "next"> & {
  readonly why: string;
  readonly next: string;
};

export const failureCauses = {
  refused: (address: string, { ifRefused }: SignalWords) => ({
    why: `nothing listens at ${address}`,
    next: ifRefused,
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
  cutAnswer: () => ({
    why: "it answers with status 200, and then its answer breaks off",
    next: "look at what stands between this host and the endpoint, such as a proxy",
  }),
  notHttp: (port: string) => ({
    why: `what answers at port ${port} does not speak HTTP/1`,
    next: "if it is a gRPC port (usually 4317), use --protocol grpc",
  }),
  notGrpc: (port: string) => ({
    why: `what answers at port ${port} does not speak gRPC`,
    next: "if it is an HTTP port (usually 4318), use --protocol http/protobuf",
  }),
  speaksGrpc: (port: string, protocol: string) => ({
    why: `port ${port} answers in HTTP/2, as gRPC does, but the protocol is ${protocol}`,
    next: "use --protocol grpc, or the endpoint's HTTP port (usually 4318)",
  }),
  speaksHttp: (port: string) => ({
    why: `port ${port} answers in HTTP/1, but the protocol is grpc`,
    next: "use --protocol http/protobuf, or the endpoint's gRPC port (usually 4317)",
  }),
  onlyTls: (port: string) => ({
    why: `port ${port} speaks TLS, and the endpoint is an http:// one`,
    next: "use https:// in --endpoint",
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
  wrongPath: (status: string, path: string, { name, ifWrongPath }: SignalWords) => ({
    why: `the endpoint takes no ${name} at ${path} (${status})`,
    next: ifWrongPath,
  }),
  tooLarge: (status: string, { ifTooLarge }: SignalWords) => ({
    why: `the endpoint finds our requests too large (${status})`,
    next: ifTooLarge,
  }),
  wrongFormat: (status: string) => ({
    why: `the endpoint does not take this format (${status})`,
    next: "try another --protocol: http/protobuf, http/json or grpc",
  }),
  other: (text: string) => ({ why: printable(text), next: "look into the endpoint's own log" }),
} satisfies Record<string, (...details: never[]) => FailureCause>;
