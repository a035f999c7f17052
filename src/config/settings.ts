import { accessSync, constants } from "node:fs";
import { logLevels } from "../report/log.ts";
import {
  exporters,
  goroutines,
  metricsExporters,
  otlpCompressions,
  otlpProtocols,
  samplerKinds,
} from "./config.ts";
import { endpoint } from "./endpoint.ts";
import { listenAddress } from "./listen.ts";
import { cron, offsetsSource } from "./offsets-values.ts";
import { parseRules } from "./rules/rule.ts";
import { rulePaths, samplingRules } from "./sampling-rules.ts";
import { otlp, ownOtlp, type Setting, setting } from "./setting.ts";
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

const positive = integer(1);

const readableFile: Parser<string> = (path) => {
  try {
    accessSync(path, constants.R_OK);
    return path;
  } catch {
    throw new InvalidValue("the path of a PEM file that this process can read");
  }
};

/** Those of spans alone come before those of everything with attributes. */
function attributeLimit(name: "VALUE_LENGTH" | "COUNT"): Setting<number> {
  return {
    variables: [`OTEL_SPAN_ATTRIBUTE_${name}_LIMIT`, `OTEL_ATTRIBUTE_${name}_LIMIT`],
    keys: [`attribute_limits.attribute_${name.toLowerCase()}_limit`],
    parse: integer(0),
  };
}

function capturedHeaders(
  messages: `${"SERVER" | "CLIENT"}_${"REQUEST" | "RESPONSE"}`,
): Setting<readonly string[]> {
  const key = `headers.${messages.toLowerCase().replace("_", ".")}`;
  return setting(`OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_${messages}`, key, headerNames, {
    live: true,
    ...list,
  });
}

const list = { shape: "list" } as const;
const protocol = oneOf(...otlpProtocols);
const compression = oneOf(...otlpCompressions);
const ownEndpoint = { beatenBy: ["--endpoint", "OTEL_EXPORTER_OTLP_ENDPOINT"] };
const secretMap = { shape: "map", secret: true } as const;

/** The table of all flags, variables and keys that have a value. */
export const settings = {
  configFile: { flag: "--config", variables: ["OTEL_GO_AUTO_CONFIG"], keys: [], parse: text },
  startReport: { flag: "--json", variables: [], keys: [], parse: oneOf("json") },
  pids: setting("OTEL_GO_AUTO_TARGET_PID", "target.pid", pids, { flag: "--pid", ...list }),
  exe: setting("OTEL_GO_AUTO_TARGET_EXE", "target.exe", text),
  serviceName: setting("OTEL_SERVICE_NAME", "service.name", text, { flag: "--service-name" }),
  serviceVersion: setting("OTEL_SERVICE_VERSION", "service.version", text),
  environment: setting("OTEL_DEPLOYMENT_ENVIRONMENT", "service.environment", text),
  resourceAttributes: setting("OTEL_RESOURCE_ATTRIBUTES", "resource.attributes", keyValues, { shape: "map" }),
  exporter: setting("OTEL_TRACES_EXPORTER", "traces.exporter", oneOf(...exporters), { flag: "--console" }),
  metricsExporter: setting("OTEL_METRICS_EXPORTER", "metrics.exporter", oneOf(...metricsExporters)),
  metricExportIntervalMs: setting("OTEL_METRIC_EXPORT_INTERVAL", "metrics.interval", positive),
  metricExportTimeoutMs: setting("OTEL_METRIC_EXPORT_TIMEOUT", "metrics.timeout", positive),
  statusAddress: setting("OTEL_GO_AUTO_STATUS_ADDRESS", "status_address", listenAddress, {
    flag: "--status-address",
  }),
  baseEndpoint: setting("OTEL_EXPORTER_OTLP_ENDPOINT", "otlp.endpoint", endpoint, { flag: "--endpoint" }),
  tracesEndpoint: ownOtlp("TRACES", "ENDPOINT", endpoint, ownEndpoint),
  metricsEndpoint: ownOtlp("METRICS", "ENDPOINT", endpoint, ownEndpoint),
  protocol: otlp("TRACES", "PROTOCOL", protocol, { flag: "--protocol" }),
  metricsProtocol: otlp("METRICS", "PROTOCOL", protocol, { flag: "--protocol" }),
  tracesHeaders: ownOtlp("TRACES", "HEADERS", headers, secretMap),
  metricsHeaders: ownOtlp("METRICS", "HEADERS", headers, secretMap),
  headers: setting("OTEL_EXPORTER_OTLP_HEADERS", "otlp.headers", headers, secretMap),
  timeoutMs: otlp("TRACES", "TIMEOUT", positive),
  metricsTimeoutMs: otlp("METRICS", "TIMEOUT", positive),
  compression: otlp("TRACES", "COMPRESSION", compression),
  metricsCompression: otlp("METRICS", "COMPRESSION", compression),
  certificate: otlp("TRACES", "CERTIFICATE", readableFile),
  metricsCertificate: otlp("METRICS", "CERTIFICATE", readableFile),
  clientCertificate: otlp("TRACES", "CLIENT_CERTIFICATE", readableFile),
  metricsClientCertificate: otlp("METRICS", "CLIENT_CERTIFICATE", readableFile),
  clientKey: otlp("TRACES", "CLIENT_KEY", readableFile),
  metricsClientKey: otlp("METRICS", "CLIENT_KEY", readableFile),
  insecure: otlp("TRACES", "INSECURE", boolean),
  metricsInsecure: otlp("METRICS", "INSECURE", boolean),
  sampler: setting("OTEL_TRACES_SAMPLER", "sampling.sampler", oneOf(...samplerKinds), { live: true }),
  samplerArgument: setting("OTEL_TRACES_SAMPLER_ARG", "sampling.ratio", text, { live: true }),
  excludedPaths: setting("OTEL_GO_AUTO_EXCLUDE_PATHS", "sampling.exclude_paths", rulePaths, {
    live: true,
    ...list,
  }),
  samplingRules: setting("OTEL_GO_AUTO_SAMPLING_RULES", "sampling.rules", samplingRules, {
    live: true,
    shape: "rules",
  }),
  functionRules: { variables: [], keys: ["rules"], parse: parseRules, shape: "functions", live: true },
  propagators: setting("OTEL_PROPAGATORS", "propagators", words, list),
  maxQueueSize: setting("OTEL_BSP_MAX_QUEUE_SIZE", "batch.max_queue_size", positive),
  maxExportBatchSize: setting("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "batch.max_export_batch_size", positive),
  scheduleDelayMs: setting("OTEL_BSP_SCHEDULE_DELAY", "batch.schedule_delay", positive),
  exportTimeoutMs: setting("OTEL_BSP_EXPORT_TIMEOUT", "batch.export_timeout", positive),
  attributeValueLengthLimit: attributeLimit("VALUE_LENGTH"),
  attributeCountLimit: attributeLimit("COUNT"),
  sdkDisabled: setting("OTEL_SDK_DISABLED", "sdk_disabled", boolean),
  logLevel: setting("OTEL_LOG_LEVEL", "log_level", oneOf(...logLevels), { flag: "--log-level", live: true }),
  semconv: setting("OTEL_SEMCONV_STABILITY_OPT_IN", "semconv_stability_opt_in", words, list),
  instrumentationEnabled: setting("OTEL_GO_AUTO_INSTRUMENTATION_ENABLED", "enabled", boolean),
  disabledLibraries: setting("OTEL_GO_AUTO_DISABLE_INSTRUMENTATIONS", "disable", words, {
    flag: "--disable",
    live: true,
    ...list,
  }),
  applicationSpans: setting("OTEL_GO_AUTO_GLOBAL", "application_spans", boolean),
  logEvents: setting("OTEL_GO_AUTO_LOG_EVENTS", "log_events", boolean, { live: true }),
  goroutines: setting("OTEL_GO_AUTO_GOROUTINES", "goroutines", oneOf(...goroutines), { live: true }),
  includeDbStatement: setting("OTEL_GO_AUTO_INCLUDE_DB_STATEMENT", "database.include_statement", boolean),
  parseDbStatement: setting("OTEL_GO_AUTO_PARSE_DB_STATEMENT", "database.parse_statement", boolean),
  serverRequestHeaders: capturedHeaders("SERVER_REQUEST"),
  serverResponseHeaders: capturedHeaders("SERVER_RESPONSE"),
  clientRequestHeaders: capturedHeaders("CLIENT_REQUEST"),
  clientResponseHeaders: capturedHeaders("CLIENT_RESPONSE"),
  showVerifierLog: setting("OTEL_GO_AUTO_SHOW_VERIFIER_LOG", "show_verifier_log", boolean),
  offsetsFrom: setting("OTEL_GO_AUTO_OFFSETS_FROM", "offsets.from", offsetsSource, { flag: "--from" }),
  offsetsSchedule: setting("OTEL_GO_AUTO_OFFSETS_SCHEDULE", "offsets.schedule", cron, { flag: "--schedule" }),
  offsetsFile: setting("OTEL_GO_AUTO_OFFSETS_FILE", "offsets.file", text),
} satisfies Record<string, Setting>;

export type Settings = typeof settings;
/** What was said, by the name of the setting. */
export type Said = { readonly [K in keyof Settings]: ReturnType<Settings[K]["parse"]> | undefined };
