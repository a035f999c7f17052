import assert from "node:assert/strict";
import { test } from "node:test";
import type { Config } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load.ts";
import { offsetsFile } from "../../src/config/offsets.ts";

type Environment = Record<string, string>;
const flags = { "--pid": "12" };
const configOf = (environment: Environment, more = {}) =>
  loadConfig({ ...flags, ...more }, environment).config;

test("defaults are those of the specification", () => {
  const { config, warnings } = loadConfig(flags, {});
  assert.deepEqual(config, {
    file: undefined,
    targets: { pids: [12], exe: undefined },
    service: { name: undefined, version: undefined, environment: undefined, resourceAttributes: {} },
    exporter: "otlp",
    otlp: {
      endpoint: "http://localhost:4318/v1/traces",
      protocol: "http/protobuf",
      headers: {},
      timeoutMs: 10_000,
      compression: "none",
    },
    metrics: undefined,
    requestMetrics: false,
    statusAddress: undefined,
    live: {
      sampler: { kind: "parentbased_always_on", ratio: 1 },
      samplingRules: [],
      functionRules: [],
      disabledLibraries: [],
      capturedHeaders: { serverRequest: [], serverResponse: [], clientRequest: [], clientResponse: [] },
      logEvents: false,
      goroutines: "off",
      logLevel: "info",
    },
    propagators: ["tracecontext", "baggage"],
    batch: {
      maxQueueSize: undefined,
      maxExportBatchSize: undefined,
      scheduleDelayMs: undefined,
      exportTimeoutMs: undefined,
    },
    attributeLimits: { count: 128, valueLength: undefined },
    applicationSpans: true,
    enabled: true,
    semconv: { httpDup: false, databaseDup: false, rpcDup: false },
    database: { includeStatement: false, parseStatement: true },
    startReport: undefined,
    showVerifierLog: false,
    offsets: { from: undefined, schedule: undefined, file: offsetsFile(undefined, {}) },
  } satisfies Config);
  assert.deepEqual(warnings, []);
});

test("the configuration is frozen all the way down", () => {
  const config = configOf({ OTEL_RESOURCE_ATTRIBUTES: "a=b" });
  assert.throws(() => Object.assign(config, { enabled: false }), TypeError);
  assert.throws(() => Object.assign(config.service.resourceAttributes, { a: "c" }), TypeError);
});

/** Environment, and the part of the configuration that it leads to. */
const good: [Environment, (config: Config) => unknown, unknown][] = [
  [{ OTEL_SERVICE_NAME: "shop" }, (c) => c.service.name, "shop"],
  [{ OTEL_GO_AUTO_GLOBAL: "false" }, (c) => c.applicationSpans, false],
  [{ OTEL_GO_AUTO_GOROUTINES: "spans" }, (c) => c.live.goroutines, "spans"],
  [{ OTEL_SERVICE_NAME: "" }, (c) => c.service.name, undefined],
  [{ OTEL_RESOURCE_ATTRIBUTES: "service.name=a,service.version=2" }, (c) => c.service.name, "a"],
  [{ OTEL_RESOURCE_ATTRIBUTES: "service.name=a", OTEL_SERVICE_NAME: "b" }, (c) => c.service.name, "b"],
  [{ OTEL_RESOURCE_ATTRIBUTES: "service.version=2" }, (c) => c.service.version, "2"],
  [{ OTEL_SERVICE_VERSION: "1.2" }, (c) => c.service.version, "1.2"],
  [{ OTEL_DEPLOYMENT_ENVIRONMENT: "prod" }, (c) => c.service.environment, "prod"],
  [
    { OTEL_RESOURCE_ATTRIBUTES: " team = a%2Cb , k=v=w,empty=,%C3%A9=%25," },
    (c) => c.service.resourceAttributes,
    { team: "a,b", k: "v=w", empty: "", é: "%" },
  ],
  [{ OTEL_TRACES_EXPORTER: "console" }, (c) => c.exporter, "console"],
  [{ OTEL_TRACES_EXPORTER: "none" }, (c) => c.exporter, "none"],
  [{ OTEL_EXPORTER_OTLP_TIMEOUT: "5000" }, (c) => c.otlp.timeoutMs, 5000],
  [
    { OTEL_EXPORTER_OTLP_TIMEOUT: "5000", OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: "6" },
    (c) => c.otlp.timeoutMs,
    6,
  ],
  [{ OTEL_EXPORTER_OTLP_COMPRESSION: "gzip" }, (c) => c.otlp.compression, "gzip"],
  [{ OTEL_EXPORTER_OTLP_CERTIFICATE: "/etc/hostname" }, (c) => c.otlp.certificate, "/etc/hostname"],
  [
    {
      OTEL_EXPORTER_OTLP_HEADERS: "Api-Key=old,x=1",
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: "api-key=se%20cret",
    },
    (c) => c.otlp.headers,
    { "api-key": "se cret", x: "1" },
  ],
  [{ OTEL_GO_AUTO_STATUS_ADDRESS: ":9464" }, (c) => c.statusAddress, { host: undefined, port: 9464 }],
  [{ OTEL_GO_AUTO_STATUS_ADDRESS: "9464" }, (c) => c.statusAddress, { host: undefined, port: 9464 }],
  [{ OTEL_GO_AUTO_STATUS_ADDRESS: "localhost:0" }, (c) => c.statusAddress, { host: "localhost", port: 0 }],
  [{ OTEL_GO_AUTO_STATUS_ADDRESS: "[::1]:9464" }, (c) => c.statusAddress, { host: "::1", port: 9464 }],
  [{ OTEL_GO_AUTO_STATUS_ADDRESS: "10.0.0.7:65535" }, (c) => c.statusAddress?.port, 65_535],
  [{ OTEL_GO_AUTO_STATUS_ADDRESS: ":9464" }, (c) => c.requestMetrics, true],
  [{ OTEL_METRICS_EXPORTER: "otlp" }, (c) => c.requestMetrics, true],
  [
    { OTEL_GO_AUTO_STATUS_ADDRESS: ":9464", OTEL_METRICS_EXPORTER: "none" },
    (c) => [c.requestMetrics, c.statusAddress?.port],
    [false, 9464],
  ],
  [{ OTEL_METRICS_EXPORTER: "none", OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:1" }, (c) => c.metrics, undefined],
  [
    { OTEL_METRICS_EXPORTER: "otlp" },
    (c) => c.metrics,
    {
      otlp: {
        endpoint: "http://localhost:4318/v1/metrics",
        protocol: "http/protobuf",
        headers: {},
        timeoutMs: 10_000,
        compression: "none",
      },
      intervalMs: 60_000,
    },
  ],
  [
    {
      OTEL_METRICS_EXPORTER: "otlp",
      OTEL_METRIC_EXPORT_INTERVAL: "500",
      OTEL_EXPORTER_OTLP_HEADERS: "a=1,b=2",
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: "t=3",
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: "B=4",
      OTEL_EXPORTER_OTLP_COMPRESSION: "none",
      OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: "gzip",
      OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: "700",
      OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE: "/etc/hostname",
      OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE: "/etc/hostname",
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: "/etc/hosts",
      OTEL_EXPORTER_OTLP_CLIENT_KEY: "/etc/passwd",
    },
    (c) => c.metrics,
    {
      otlp: {
        endpoint: "http://localhost:4318/v1/metrics",
        protocol: "http/protobuf",
        headers: { a: "1", b: "4" },
        timeoutMs: 700,
        compression: "gzip",
        certificate: "/etc/hostname",
        clientCertificate: "/etc/hostname",
        clientKey: "/etc/passwd",
      },
      intervalMs: 500,
    },
  ],
  [
    { OTEL_METRICS_EXPORTER: "OTLP", OTEL_METRIC_EXPORT_TIMEOUT: "300" },
    (c) => c.metrics?.otlp.timeoutMs,
    300,
  ],
  [{ OTEL_TRACES_SAMPLER: "always_off" }, (c) => c.live.sampler, { kind: "always_off", ratio: 1 }],
  [
    { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.25" },
    (c) => c.live.sampler,
    { kind: "traceidratio", ratio: 0.25 },
  ],
  [
    { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "1e-3" },
    (c) => c.live.sampler,
    { kind: "parentbased_traceidratio", ratio: 0.001 },
  ],
  [{ OTEL_TRACES_SAMPLER: "traceidratio" }, (c) => c.live.sampler.ratio, 1],
  [
    {
      OTEL_GO_AUTO_EXCLUDE_PATHS: "/healthz, /internal/*,",
      OTEL_GO_AUTO_SAMPLING_RULES: "/a=b/%2A=0.1 , *=1",
    },
    (c) => c.live.samplingRules,
    [
      { path: "/healthz", ratio: 0 },
      { path: "/internal/*", ratio: 0 },
      { path: "/a=b/%2A", ratio: 0.1 },
      { path: "*", ratio: 1 },
    ],
  ],
  [{ OTEL_PROPAGATORS: "none" }, (c) => c.propagators, []],
  [{ OTEL_PROPAGATORS: "baggage, tracecontext" }, (c) => c.propagators, ["tracecontext", "baggage"]],
  [{ OTEL_PROPAGATORS: "b3multi,b3" }, (c) => c.propagators, ["b3", "b3multi"]],
  [{ OTEL_BSP_MAX_QUEUE_SIZE: "100" }, (c) => c.batch.maxQueueSize, 100],
  [{ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "10" }, (c) => c.batch.maxExportBatchSize, 10],
  [{ OTEL_BSP_SCHEDULE_DELAY: "200" }, (c) => c.batch.scheduleDelayMs, 200],
  [{ OTEL_BSP_EXPORT_TIMEOUT: "300" }, (c) => c.batch.exportTimeoutMs, 300],
  [{ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "0" }, (c) => c.attributeLimits.valueLength, 0],
  [{ OTEL_ATTRIBUTE_COUNT_LIMIT: "7" }, (c) => c.attributeLimits, { count: 7, valueLength: undefined }],
  [
    {
      OTEL_ATTRIBUTE_COUNT_LIMIT: "7",
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "9",
      OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "70",
      OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: "90",
    },
    (c) => c.attributeLimits,
    { count: 9, valueLength: 90 },
  ],
  [
    {
      OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST: "X-Request-Id, x-request-id,Cookie",
      OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE: "Content-Type",
      OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST: "x_a",
      OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE: "ETag",
    },
    (c) => c.live.capturedHeaders,
    {
      serverRequest: ["x-request-id", "cookie"],
      serverResponse: ["content-type"],
      clientRequest: ["x_a"],
      clientResponse: ["etag"],
    },
  ],
  [{ OTEL_SDK_DISABLED: "true" }, (c) => c.enabled, false],
  [{ OTEL_GO_AUTO_INSTRUMENTATION_ENABLED: "False" }, (c) => c.enabled, false],
  [{ OTEL_LOG_LEVEL: "DEBUG" }, (c) => c.live.logLevel, "debug"],
  [
    { OTEL_SEMCONV_STABILITY_OPT_IN: "http/dup, rpc/dup,database" },
    (c) => c.semconv,
    { httpDup: true, databaseDup: false, rpcDup: true },
  ],
  [
    { OTEL_GO_AUTO_DISABLE_INSTRUMENTATIONS: "grpc, database/sql," },
    (c) => c.live.disabledLibraries,
    ["grpc", "database/sql"],
  ],
  [{ OTEL_GO_AUTO_SHOW_VERIFIER_LOG: "true" }, (c) => c.showVerifierLog, true],
];

for (const [environment, pick, expected] of good)
  test(JSON.stringify(environment), () => assert.deepEqual(pick(configOf(environment)), expected));

test("a flag beats its variable, even a bad one", () => {
  const environment = {
    OTEL_SERVICE_NAME: "variable",
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "nonsense",
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "nonsense",
    OTEL_METRICS_EXPORTER: "otlp",
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "nonsense",
    OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: "nonsense",
    OTEL_TRACES_EXPORTER: "nonsense",
    OTEL_LOG_LEVEL: "nonsense",
    OTEL_GO_AUTO_DISABLE_INSTRUMENTATIONS: "grpc",
    OTEL_GO_AUTO_TARGET_PID: "nonsense",
  };
  const config = configOf(environment, {
    "--service-name": "flag",
    "--endpoint": "http://flag:1",
    "--protocol": "http/json",
    "--console": "console",
    "--log-level": "warn",
    "--disable": "net/http",
  });
  assert.equal(config.service.name, "flag");
  assert.equal(config.otlp.endpoint, "http://flag:1/v1/traces");
  assert.equal(config.otlp.protocol, "http/json");
  assert.equal(config.metrics?.otlp.endpoint, "http://flag:1/v1/metrics");
  assert.equal(config.metrics?.otlp.protocol, "http/json");
  assert.equal(config.exporter, "console");
  assert.equal(config.live.logLevel, "warn");
  assert.deepEqual(config.live.disabledLibraries, ["net/http"]);
  assert.deepEqual(config.targets.pids, [12]);
});

test("a target is one or more pids, or an executable, and never both or none", () => {
  const targets = (flag: string | undefined, environment: Environment) =>
    loadConfig({ "--pid": flag }, environment).config.targets;
  assert.deepEqual(targets("12,34,12", {}), { pids: [12, 34], exe: undefined });
  assert.deepEqual(targets(undefined, { OTEL_GO_AUTO_TARGET_PID: "7, 8" }), { pids: [7, 8], exe: undefined });
  assert.deepEqual(targets(undefined, { OTEL_GO_AUTO_TARGET_EXE: "/app" }), { pids: [], exe: "/app" });
  assert.throws(() => targets(undefined, {}), /no target/);
  assert.throws(() => targets("1", { OTEL_GO_AUTO_TARGET_EXE: "/app" }), /--pid and OTEL_GO_AUTO_TARGET_EXE/);
  assert.throws(
    () => targets(undefined, { OTEL_GO_AUTO_TARGET_PID: "1", OTEL_GO_AUTO_TARGET_EXE: "/app" }),
    /OTEL_GO_AUTO_TARGET_PID and OTEL_GO_AUTO_TARGET_EXE/,
  );
});

test("what is left out is said", () => {
  const warningsOf = (environment: Environment) => loadConfig(flags, environment).warnings;
  assert.match(warningsOf({ OTEL_PROPAGATORS: "jaeger,tracecontext" }).join(), /jaeger is not supported/);
  assert.match(warningsOf({ OTEL_PROPAGATORS: "tracecontxt" }).join(), /"tracecontxt" is not known/);
  assert.match(warningsOf({ OTEL_SEMCONV_STABILITY_OPT_IN: "htpp/dup" }).join(), /"htpp\/dup" is not known/);
  assert.match(
    warningsOf({ OTEL_TRACES_SAMPLER_ARG: "0.1" }).join(),
    /not used by the sampler parentbased_always_on/,
  );
  assert.match(
    warningsOf({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4317",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    }).join(),
    /4317 is usually that of OTLP over gRPC/,
  );
  assert.match(
    warningsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: "c:4318", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }).join(),
    /4318 is usually that of OTLP over HTTP/,
  );
  const metricsAtOther = {
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "c:4318",
    OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: "grpc",
  };
  assert.deepEqual(warningsOf(metricsAtOther), []);
  assert.match(warningsOf({ ...metricsAtOther, OTEL_METRICS_EXPORTER: "otlp" }).join(), /HTTP/);
  const bothAtOther = {
    OTEL_EXPORTER_OTLP_ENDPOINT: "c:4318",
    OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    OTEL_METRICS_EXPORTER: "otlp",
  };
  assert.equal(warningsOf(bothAtOther).length, 1);
});
