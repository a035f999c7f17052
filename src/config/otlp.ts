import * as report from "../report/config.ts";
import type { Config, MetricsOptions, OtlpOptions } from "./config.ts";
import { type Endpoint, resolveEndpoint, type Signal } from "./endpoint.ts";
import type { Said } from "./settings.ts";

/** What was said of one signal's export; `own` is said of this signal alone. */
interface OtlpWords
  extends Pick<Said, "protocol" | "insecure" | "timeoutMs" | "compression">,
    Pick<Said, "certificate" | "clientCertificate" | "clientKey"> {
  readonly signal: Signal;
  readonly ownEndpoint: Endpoint | undefined;
  readonly ownHeaders: Said["headers"];
}

/** Where spans go. Throws a UserError (usage) for half of a client certificate. */
export function tracesOtlp(said: Said, warnings: string[]): OtlpOptions {
  const { tracesEndpoint: ownEndpoint, tracesHeaders: ownHeaders } = said;
  return otlp({ ...said, signal: "traces", ownEndpoint, ownHeaders }, said, warnings);
}

/** Where metrics go, when they are wanted; otherwise nothing is warned of either. Throws as `tracesOtlp`. */
export function metricsOptions(said: Said, warnings: string[]): Config["metrics"] {
  if (said.metricsExporter !== "otlp") return undefined;
  const options = otlp(metricsWords(said), said, warnings);
  const timeoutMs = Math.min(options.timeoutMs, said.metricExportTimeoutMs ?? 30_000);
  return {
    otlp: { ...options, timeoutMs },
    intervalMs: said.metricExportIntervalMs ?? 60_000,
  } satisfies MetricsOptions;
}

function metricsWords(said: Said): OtlpWords {
  return {
    signal: "metrics",
    ownEndpoint: said.metricsEndpoint,
    ownHeaders: said.metricsHeaders,
    protocol: said.metricsProtocol,
    insecure: said.metricsInsecure,
    timeoutMs: said.metricsTimeoutMs,
    compression: said.metricsCompression,
    certificate: said.metricsCertificate,
    clientCertificate: said.metricsClientCertificate,
    clientKey: said.metricsClientKey,
  };
}

function otlp(
  words: OtlpWords,
  { baseEndpoint, headers }: Pick<Said, "baseEndpoint" | "headers">,
  warnings: string[],
): OtlpOptions {
  const { endpoint, protocol, authorization } = resolveEndpoint({
    signal: words.signal,
    own: words.ownEndpoint,
    base: baseEndpoint,
    protocol: words.protocol,
    insecure: words.insecure,
  });
  warnAboutPort(endpoint, protocol, warnings);
  return {
    endpoint,
    protocol,
    headers: { ...(authorization && { authorization }), ...headers, ...words.ownHeaders },
    timeoutMs: words.timeoutMs ?? 10_000,
    compression: words.compression ?? "none",
    ...(words.certificate && { certificate: words.certificate }),
    ...clientCertificate(words),
  };
}

/** Said once, also when both signals go there. */
function warnAboutPort(endpoint: string, protocol: string, warnings: string[]): void {
  const { port } = new URL(endpoint);
  const usual = { "4317": "gRPC", "4318": "HTTP" }[port];
  if (usual === undefined || (usual === "gRPC") === (protocol === "grpc")) return;
  const warning = report.configWarning.portOfOtherProtocol(port, protocol, usual);
  if (!warnings.includes(warning)) warnings.push(warning);
}

function clientCertificate({ clientCertificate, clientKey }: OtlpWords): Partial<OtlpOptions> {
  if (clientCertificate && !clientKey) throw report.halfClientCertificate("CLIENT_KEY");
  if (clientKey && !clientCertificate) throw report.halfClientCertificate("CLIENT_CERTIFICATE");
  return clientCertificate && clientKey ? { clientCertificate, clientKey } : {};
}
