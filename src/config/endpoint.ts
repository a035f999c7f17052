// https://opentelemetry.io/docs/specs/otel/protocol/exporter/

import type { OtlpProtocol } from "./config.ts";
import { InvalidValue } from "./values.ts";

/** A checked endpoint; `authorization` is what stood in front of an "@", which must not be shown to anybody. */
export interface Endpoint {
  /** Undefined for "host:port" alone. */
  readonly scheme: "http" | "https" | undefined;
  readonly url: URL;
  readonly authorization: string | undefined;
}

/** "http://host…", "https://host…" or "host:port". */
export function endpoint(value: string): Endpoint {
  const [, scheme, rest = ""] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/is.exec(value) ?? [];
  const known = scheme?.toLowerCase();
  if (known !== undefined && known !== "http" && known !== "https") throw invalidEndpoint();
  if (known === undefined && !/^[^/?#]*:\d+(\/.*)?$/.test(rest)) throw invalidEndpoint();
  // The URL parser repairs spaces and superfluous slashes; in an endpoint they are a slip of the pen.
  if (/^[/?#]|[\s<>"\\]/.test(rest) || !URL.canParse(`http://${rest}`)) throw invalidEndpoint();
  const url = new URL(`${known ?? "http"}://${rest}`);
  if (url.hostname === "" || url.port === "0") throw invalidEndpoint();
  const authorization = basicAuthorization(url);
  url.username = "";
  url.password = "";
  url.hash = "";
  return { scheme: known, url, authorization };
}

function invalidEndpoint(): InvalidValue {
  return new InvalidValue(
    "http://HOST:PORT, https://HOST:PORT or HOST:PORT, for example http://localhost:4318",
  );
}

/** What stands in front of a URL's "@", as the value of a header. Throws InvalidValue. */
export function basicAuthorization(url: URL): string | undefined {
  if (url.username === "" && url.password === "") return undefined;
  try {
    const plain = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    return `Basic ${Buffer.from(plain).toString("base64")}`;
  } catch {
    throw invalidEndpoint();
  }
}

export type Signal = "traces" | "metrics";

export interface EndpointWords {
  readonly signal: Signal;
  /** From the signal's own variable, such as OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: taken as it is. */
  readonly own: Endpoint | undefined;
  /** From --endpoint or OTEL_EXPORTER_OTLP_ENDPOINT: for HTTP, the signal's path is added, such as "/v1/traces". */
  readonly base: Endpoint | undefined;
  readonly protocol: OtlpProtocol | undefined;
  readonly insecure: boolean | undefined;
}

/** The URL and protocol that the words lead to. 4317 is the port of OTLP/gRPC, 4318 that of OTLP/HTTP. */
export function resolveEndpoint(words: EndpointWords): {
  endpoint: string;
  protocol: OtlpProtocol;
  authorization: string | undefined;
} {
  const given = words.own ?? words.base;
  const protocol = words.protocol ?? (given?.url.port === "4317" ? "grpc" : "http/protobuf");
  const url = given
    ? new URL(given.url)
    : new URL(protocol === "grpc" ? "http://localhost:4317" : "http://localhost:4318");
  if (given && given.scheme === undefined && words.insecure === false) {
    url.protocol = "https:";
    // "host:port" always has a port, and the URL only forgot it because 80 is the one of http.
    if (given.url.port === "") url.port = "80";
  }
  const authorization = given?.authorization;
  if (protocol === "grpc") return { endpoint: url.origin, protocol, authorization };
  if (words.own === undefined) url.pathname = withSignalPath(url.pathname, words.signal);
  return { endpoint: url.href, protocol, authorization };
}

/** A base that already ends so is a common slip; the specification's doubled path would be a sure 404. */
function withSignalPath(path: string, signal: Signal): string {
  const base = path.replace(/\/+$/, "").replace(/\/v1\/(traces|metrics)$/, "");
  return `${base}/v1/${signal}`;
}
