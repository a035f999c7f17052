import { accessSync, constants } from "node:fs";
import { logLevels } from "../report/log.ts";
import { exporters, metricsExporters, otlpCompressions, otlpProtocols, samplerKinds } from "./config.ts";
import { endpoint } from "./endpoint.ts";
import { cron, offsetsSource } from "./offsets.ts";
import {
  boolean,
  headerNames,
  headers,
  InvalidValue,
  integer,
  keyValues,
  oneOf,
  type Parser,
  pids,
  text,
  words,
} from "./values.ts";

/** One thing that the user can say: the flag comes before the variables, an earlier variable before a later one. */
export interface Setting<T = unknown> {
  readonly flag?: string;
  readonly variables: readonly string[];
  readonly parse: Parser<T>;
  /** A flag of another setting that makes this one void. */
  readonly beatenBy?: string;
  /** The value must not be shown in an error. */
  readonly secret?: boolean;
}

/** OTLP variables have a form for one signal alone, which comes first. */
function otlp<T>(
  signal: "TRACES" | "METRICS",
  name: string,
  parse: Parser<T>,
  more: Partial<Setting<T>> = {},
): Setting<T> {
  return {
    variables: [`OTEL_EXPORTER_OTLP_${signal}_${name}`, `OTEL_EXPORTER_OTLP_${name}`],
    parse,
    ...more,
  };
}

function variable<T>(name: string, parse: Parser<T>, flag?: string): Setting<T> {
  return { variables: [name], parse, ...(flag === undefined ? {} : { flag }) };
}

const positive = integer(1);

const readableFile: Parser<string> = (path) => {
  try {
    accessSync(path, constants.R_OK);
    return path;
  } catch {
    throw new InvalidValue("the path of a PEM file that this process can read");
  }
};

/** The table of all flags and variables that have a value. */
export const settings = {
  pids: variable("OTEL_GO_AUTO_TARGET_PID", pids, "--pid"),
  exe: variable("OTEL_GO_AUTO_TARGET_EXE", text),
  serviceName: variable("OTEL_SERVICE_NAME", text, "--service-name"),
  serviceVersion: variable("OTEL_SERVICE_VERSION", text),
  environment: variable("OTEL_DEPLOYMENT_ENVIRONMENT", text),
  resourceAttributes: variable("OTEL_RESOURCE_ATTRIBUTES", keyValues),
  exporter: variable("OTEL_TRACES_EXPORTER", oneOf(...exporters), "--console"),
  metricsExporter: variable("OTEL_METRICS_EXPORTER", oneOf(...metricsExporters)),
  metricExportIntervalMs: variable("OTEL_METRIC_EXPORT_INTERVAL", positive),
  metricExportTimeoutMs: variable("OTEL_METRIC_EXPORT_TIMEOUT", positive),
  baseEndpoint: variable("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint, "--endpoint"),
  tracesEndpoint: {
    variables: ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"],
    parse: endpoint,
    beatenBy: "--endpoint",
  },
  metricsEndpoint: {
    variables: ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"],
    parse: endpoint,
    beatenBy: "--endpoint",
  },
  protocol: otlp("TRACES", "PROTOCOL", oneOf(...otlpProtocols), { flag: "--protocol" }),
  metricsProtocol: otlp("METRICS", "PROTOCOL", oneOf(...otlpProtocols), { flag: "--protocol" }),
  tracesHeaders: { variables: ["OTEL_EXPORTER_OTLP_TRACES_HEADERS"], parse: headers, secret: true },
  metricsHeaders: { variables: ["OTEL_EXPORTER_OTLP_METRICS_HEADERS"], parse: headers, secret: true },
  headers: { variables: ["OTEL_EXPORTER_OTLP_HEADERS"], parse: headers, secret: true },
  timeoutMs: otlp("TRACES", "TIMEOUT", positive),
  metricsTimeoutMs: otlp("METRICS", "TIMEOUT", positive),
  compression: otlp("TRACES", "COMPRESSION", oneOf(...otlpCompressions)),
  metricsCompression: otlp("METRICS", "COMPRESSION", oneOf(...otlpCompressions)),
  certificate: otlp("TRACES", "CERTIFICATE", readableFile),
  metricsCertificate: otlp("METRICS", "CERTIFICATE", readableFile),
  clientCertificate: otlp("TRACES", "CLIENT_CERTIFICATE", readableFile),
  metricsClientCertificate: otlp("METRICS", "CLIENT_CERTIFICATE", readableFile),
  clientKey: otlp("TRACES", "CLIENT_KEY", readableFile),
  metricsClientKey: otlp("METRICS", "CLIENT_KEY", readableFile),
  insecure: otlp("TRACES", "INSECURE", boolean),
  metricsInsecure: otlp("METRICS", "INSECURE", boolean),
  sampler: variable("OTEL_TRACES_SAMPLER", oneOf(...samplerKinds)),
  samplerArgument: variable("OTEL_TRACES_SAMPLER_ARG", text),
  propagators: variable("OTEL_PROPAGATORS", words),
  maxQueueSize: variable("OTEL_BSP_MAX_QUEUE_SIZE", positive),
  maxExportBatchSize: variable("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", positive),
  scheduleDelayMs: variable("OTEL_BSP_SCHEDULE_DELAY", positive),
  exportTimeoutMs: variable("OTEL_BSP_EXPORT_TIMEOUT", positive),
  attributeValueLengthLimit: {
    variables: ["OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"],
    parse: integer(0),
  },
  attributeCountLimit: {
    variables: ["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"],
    parse: integer(0),
  },
  sdkDisabled: variable("OTEL_SDK_DISABLED", boolean),
  logLevel: variable("OTEL_LOG_LEVEL", oneOf(...logLevels), "--log-level"),
  semconv: variable("OTEL_SEMCONV_STABILITY_OPT_IN", words),
  instrumentationEnabled: variable("OTEL_GO_AUTO_INSTRUMENTATION_ENABLED", boolean),
  disabledLibraries: variable("OTEL_GO_AUTO_DISABLE_INSTRUMENTATIONS", words, "--disable"),
  serverRequestHeaders: variable("OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST", headerNames),
  serverResponseHeaders: variable("OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE", headerNames),
  clientRequestHeaders: variable("OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST", headerNames),
  clientResponseHeaders: variable("OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE", headerNames),
  includeDbStatement: variable("OTEL_GO_AUTO_INCLUDE_DB_STATEMENT", boolean),
  parseDbStatement: variable("OTEL_GO_AUTO_PARSE_DB_STATEMENT", boolean),
  showVerifierLog: variable("OTEL_GO_AUTO_SHOW_VERIFIER_LOG", boolean),
  offsetsFrom: variable("OTEL_GO_AUTO_OFFSETS_FROM", offsetsSource, "--from"),
  offsetsSchedule: variable("OTEL_GO_AUTO_OFFSETS_SCHEDULE", cron, "--schedule"),
  offsetsFile: variable("OTEL_GO_AUTO_OFFSETS_FILE", text),
} satisfies Record<string, Setting>;

export type Settings = typeof settings;
/** What was said, by the name of the setting. */
export type Said = { readonly [K in keyof Settings]: ReturnType<Settings[K]["parse"]> | undefined };
