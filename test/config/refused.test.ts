import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../../src/config/load.ts";
import { UserError } from "../../src/report/user-error.ts";

type Environment = Record<string, string>;
const flags = { "--pid": "12" };

const many = (count: number, word: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => word(index)).join();

/** Environment, and what the error must name: the variable, its value, what is valid. */
const bad: [Environment, ...(string | RegExp)[]][] = [
  [{ OTEL_RESOURCE_ATTRIBUTES: "novalue" }, "OTEL_RESOURCE_ATTRIBUTES", '"novalue"', "key=value"],
  [{ OTEL_RESOURCE_ATTRIBUTES: "a=%zz" }, "OTEL_RESOURCE_ATTRIBUTES", '"a=%zz"', "key=value"],
  [{ OTEL_RESOURCE_ATTRIBUTES: "=b" }, "OTEL_RESOURCE_ATTRIBUTES", '"=b"', "key=value"],
  [{ OTEL_TRACES_EXPORTER: "zipkin" }, "OTEL_TRACES_EXPORTER", '"zipkin"', "otlp, console, none"],
  [{ OTEL_METRICS_EXPORTER: "prometheus" }, "OTEL_METRICS_EXPORTER", '"prometheus"', "otlp, none"],
  [{ OTEL_METRIC_EXPORT_INTERVAL: "60s" }, "OTEL_METRIC_EXPORT_INTERVAL", '"60s"', "a whole number from 1"],
  [{ OTEL_METRIC_EXPORT_TIMEOUT: "0" }, "OTEL_METRIC_EXPORT_TIMEOUT", '"0"', "a whole number from 1"],
  [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "x" }, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "HOST:PORT"],
  [{ OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: "x" }, "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", '"x"', "grpc"],
  [{ OTEL_EXPORTER_OTLP_METRICS_HEADERS: "a" }, "OTEL_EXPORTER_OTLP_METRICS_HEADERS", "not shown"],
  [{ OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: "x" }, "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", '"x"'],
  [
    { OTEL_METRICS_EXPORTER: "otlp", OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY: "/etc/hostname" },
    "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE is missing",
  ],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "ftp://a:1" },
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    '"ftp://a:1"',
    "http://HOST:PORT",
  ],
  [
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "nonsense" },
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    '"nonsense"',
    "HOST:PORT",
  ],
  [
    { OTEL_EXPORTER_OTLP_PROTOCOL: "http" },
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    '"http"',
    "http/protobuf, http/json, grpc",
  ],
  [{ OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "x" }, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", '"x"', "grpc"],
  [{ OTEL_EXPORTER_OTLP_HEADERS: "justakey" }, "OTEL_EXPORTER_OTLP_HEADERS", "not shown", "key=value"],
  [{ OTEL_EXPORTER_OTLP_HEADERS: "a b=c" }, "OTEL_EXPORTER_OTLP_HEADERS", "header names"],
  [{ OTEL_EXPORTER_OTLP_TRACES_HEADERS: "a=b%0d%0ac" }, "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "line breaks"],
  [{ OTEL_EXPORTER_OTLP_TIMEOUT: "10s" }, "OTEL_EXPORTER_OTLP_TIMEOUT", '"10s"', "a whole number from 1"],
  [{ OTEL_EXPORTER_OTLP_TIMEOUT: "0" }, "OTEL_EXPORTER_OTLP_TIMEOUT", '"0"', "a whole number from 1"],
  [{ OTEL_EXPORTER_OTLP_COMPRESSION: "zstd" }, "OTEL_EXPORTER_OTLP_COMPRESSION", '"zstd"', "gzip, none"],
  [{ OTEL_EXPORTER_OTLP_CERTIFICATE: "/no/ca" }, "OTEL_EXPORTER_OTLP_CERTIFICATE", '"/no/ca"', "PEM"],
  [{ OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: "/etc/hostname" }, "OTEL_EXPORTER_OTLP_CLIENT_KEY is missing"],
  [{ OTEL_EXPORTER_OTLP_CLIENT_KEY: "/etc/hostname" }, "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE is missing"],
  [{ OTEL_EXPORTER_OTLP_INSECURE: "yes" }, "OTEL_EXPORTER_OTLP_INSECURE", '"yes"', "true, false"],
  [
    { OTEL_TRACES_SAMPLER: "jaeger_remote" },
    "OTEL_TRACES_SAMPLER",
    '"jaeger_remote"',
    "always_on, always_off, traceidratio",
  ],
  [
    { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "1.5" },
    "OTEL_TRACES_SAMPLER_ARG",
    '"1.5"',
    "from 0 to 1",
  ],
  [
    { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "-0.1" },
    "OTEL_TRACES_SAMPLER_ARG",
    '"-0.1"',
  ],
  [
    { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "NaN" },
    "OTEL_TRACES_SAMPLER_ARG",
    '"NaN"',
  ],
  [
    { OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "many" },
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
    '"many"',
    "a whole number",
  ],
  [
    { OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST: "x request id" },
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST",
    '"x request id"',
    "header names",
  ],
  [
    { OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE: "a,b,c,d,e,f,g,h,i" },
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE",
    "at most 8 header names",
  ],
  [
    { OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST: "x".repeat(65) },
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST",
    "at most 64 characters",
  ],
  [{ OTEL_GO_AUTO_EXCLUDE_PATHS: "healthz" }, "OTEL_GO_AUTO_EXCLUDE_PATHS", '"healthz"', 'begin with "/"'],
  [{ OTEL_GO_AUTO_EXCLUDE_PATHS: "/a*b" }, "OTEL_GO_AUTO_EXCLUDE_PATHS", '"/a*b"', 'a "*" only at the end'],
  [{ OTEL_GO_AUTO_EXCLUDE_PATHS: "/a?b=1" }, "OTEL_GO_AUTO_EXCLUDE_PATHS", "no query"],
  [{ OTEL_GO_AUTO_EXCLUDE_PATHS: "/über" }, "OTEL_GO_AUTO_EXCLUDE_PATHS", "percent-encoded"],
  [{ OTEL_GO_AUTO_EXCLUDE_PATHS: `/${"a".repeat(64)}` }, "OTEL_GO_AUTO_EXCLUDE_PATHS", "at most 64 bytes"],
  [
    {
      OTEL_GO_AUTO_EXCLUDE_PATHS: many(20, (i) => `/a${i}`),
      OTEL_GO_AUTO_SAMPLING_RULES: many(13, (i) => `/b${i}=1`),
    },
    "33 rules for paths",
    "32 together",
  ],
  [{ OTEL_GO_AUTO_SAMPLING_RULES: "/a" }, "OTEL_GO_AUTO_SAMPLING_RULES", '"/a"', "path=ratio"],
  [{ OTEL_GO_AUTO_SAMPLING_RULES: "/a=2" }, "OTEL_GO_AUTO_SAMPLING_RULES", '"/a=2"', "from 0 to 1"],
  [{ OTEL_GO_AUTO_SAMPLING_RULES: "a=0.5" }, "OTEL_GO_AUTO_SAMPLING_RULES", 'begin with "/"'],
  [{ OTEL_BSP_MAX_QUEUE_SIZE: "-1" }, "OTEL_BSP_MAX_QUEUE_SIZE", '"-1"', "a whole number"],
  [{ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "1.5" }, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", '"1.5"'],
  [{ OTEL_BSP_SCHEDULE_DELAY: "9999999999" }, "OTEL_BSP_SCHEDULE_DELAY", "2147483647"],
  [{ OTEL_BSP_EXPORT_TIMEOUT: "x" }, "OTEL_BSP_EXPORT_TIMEOUT", '"x"'],
  [{ OTEL_BSP_MAX_QUEUE_SIZE: "5", OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "6" }, "BATCH_SIZE (6)", "QUEUE_SIZE (5)"],
  [{ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "x" }, "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", '"x"'],
  [{ OTEL_SDK_DISABLED: "1" }, "OTEL_SDK_DISABLED", '"1"', "true, false"],
  [{ OTEL_LOG_LEVEL: "loud" }, "OTEL_LOG_LEVEL", '"loud"', "error, warn, info, debug"],
  [
    { OTEL_GO_AUTO_INSTRUMENTATION_ENABLED: "no" },
    "OTEL_GO_AUTO_INSTRUMENTATION_ENABLED",
    '"no"',
    "true, false",
  ],
  [{ OTEL_GO_AUTO_SHOW_VERIFIER_LOG: "x" }, "OTEL_GO_AUTO_SHOW_VERIFIER_LOG", '"x"', "true, false"],
];

for (const [environment, ...parts] of bad)
  test(`refused: ${JSON.stringify(environment)}`, () => refuses({}, environment, ...parts));

function refuses(more: Environment, environment: Environment, ...parts: (string | RegExp)[]): void {
  assert.throws(
    () => loadConfig({ ...flags, ...more }, environment),
    (error) => {
      assert(error instanceof UserError);
      assert.equal(error.exitCode, 2);
      const shown = Object.values(error.explanation).join("\n");
      for (const part of parts)
        assert(typeof part === "string" ? shown.includes(part) : part.test(shown), shown);
      return true;
    },
  );
}

test("a bad flag is named, not its variable", () => {
  refuses({ "--protocol": "udp" }, {}, "--protocol", '"udp"', "http/protobuf, http/json, grpc");
  refuses({ "--log-level": "loud" }, {}, "--log-level", '"loud"');
  refuses({ "--endpoint": "" }, {}, "--endpoint", "not empty");
  refuses({ "--pid": "0" }, {}, "--pid", '"0"', "4194304");
  refuses({ "--pid": "1,x" }, {}, "--pid", '"1,x"');
  refuses({ "--pid": "," }, {}, "--pid", "a process id");
});

test("an address to listen on", () => {
  const bad = [
    "",
    "host",
    ":",
    ":x",
    ":65536",
    ":-1",
    "::1:9464",
    "[::1]",
    "[::1",
    "[host]:1",
    "300.1.1.1:1",
    "1.2:1",
  ];
  for (const address of [...bad, "a b:1", "-a:1", "http://a:1", "a:1/x", "user@a:1"])
    refuses({ "--status-address": address }, {}, "--status-address");
  refuses({}, { OTEL_GO_AUTO_STATUS_ADDRESS: "::1:9464" }, "OTEL_GO_AUTO_STATUS_ADDRESS", "[IPv6]:PORT");
});

test("secrets are not shown", () => {
  const secret = "hunter2";
  const leaky: Environment[] = [
    { OTEL_EXPORTER_OTLP_HEADERS: `authorization ${secret}` },
    { OTEL_EXPORTER_OTLP_HEADERS: `a b=${secret}` },
    { OTEL_EXPORTER_OTLP_ENDPOINT: `http://me:${secret}@host:port` },
    { OTEL_EXPORTER_OTLP_ENDPOINT: `me:${secret}@host:port` },
    { OTEL_EXPORTER_OTLP_ENDPOINT: `ftp://host/?key=${secret}` },
    { OTEL_EXPORTER_OTLP_ENDPOINT: `http://me:pa/${secret}@host:4318` },
  ];
  for (const environment of leaky)
    assert.throws(
      () => loadConfig(flags, environment),
      (error) => error instanceof UserError && !JSON.stringify(error.explanation).includes(secret),
      JSON.stringify(environment),
    );
});
