import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../../src/config/load.ts";

const prefix = "OTEL_EXPORTER_OTLP_";

/** Variables without their prefix → endpoint and protocol. */
const cases: [Record<string, string>, string, string][] = [
  [{ ENDPOINT: "http://c:4318" }, "http://c:4318/v1/traces", "http/protobuf"],
  [{ ENDPOINT: "http://c:4318/" }, "http://c:4318/v1/traces", "http/protobuf"],
  [{ ENDPOINT: "https://c/otlp/" }, "https://c/otlp/v1/traces", "http/protobuf"],
  [{ ENDPOINT: "http://c:4318/v1/traces" }, "http://c:4318/v1/traces", "http/protobuf"],
  [{ ENDPOINT: "https://c/otlp?token=1" }, "https://c/otlp/v1/traces?token=1", "http/protobuf"],
  [{ ENDPOINT: "HTTP://c:4318" }, "http://c:4318/v1/traces", "http/protobuf"],
  [{ ENDPOINT: "c:4318" }, "http://c:4318/v1/traces", "http/protobuf"],
  [{ ENDPOINT: "127.0.0.1:4318/x" }, "http://127.0.0.1:4318/x/v1/traces", "http/protobuf"],
  [{ ENDPOINT: "[::1]:4318" }, "http://[::1]:4318/v1/traces", "http/protobuf"],
  [{ ENDPOINT: "c:4318", INSECURE: "true" }, "http://c:4318/v1/traces", "http/protobuf"],
  [{ ENDPOINT: "c:4318", INSECURE: "false" }, "https://c:4318/v1/traces", "http/protobuf"],
  [{ ENDPOINT: "c:80", INSECURE: "false" }, "https://c:80/v1/traces", "http/protobuf"],
  [{ ENDPOINT: "http://c:4318", INSECURE: "false" }, "http://c:4318/v1/traces", "http/protobuf"],
  [{ ENDPOINT: "http://c:4318/v1/metrics" }, "http://c:4318/v1/traces", "http/protobuf"],
  [{ TRACES_ENDPOINT: "http://c:4318/mine" }, "http://c:4318/mine", "http/protobuf"],
  [{ TRACES_ENDPOINT: "http://c:4318" }, "http://c:4318/", "http/protobuf"],
  [{ TRACES_ENDPOINT: "http://t:1/x", ENDPOINT: "http://c:4318" }, "http://t:1/x", "http/protobuf"],
  [{ ENDPOINT: "http://c:4317" }, "http://c:4317", "grpc"],
  [{ ENDPOINT: "c:4317" }, "http://c:4317", "grpc"],
  [{ ENDPOINT: "c:4317", PROTOCOL: "http/json" }, "http://c:4317/v1/traces", "http/json"],
  [{ ENDPOINT: "https://c:4317/x", PROTOCOL: "grpc" }, "https://c:4317", "grpc"],
  [{ PROTOCOL: "grpc" }, "http://localhost:4317", "grpc"],
  [{ PROTOCOL: "http/json" }, "http://localhost:4318/v1/traces", "http/json"],
  [{ PROTOCOL: "grpc", TRACES_PROTOCOL: "http/json" }, "http://localhost:4318/v1/traces", "http/json"],
];

/** The same for metrics. */
const metricsCases: typeof cases = [
  [{}, "http://localhost:4318/v1/metrics", "http/protobuf"],
  [{ ENDPOINT: "http://c:4318" }, "http://c:4318/v1/metrics", "http/protobuf"],
  [{ ENDPOINT: "https://c/otlp/" }, "https://c/otlp/v1/metrics", "http/protobuf"],
  [{ ENDPOINT: "http://c:4318/v1/traces" }, "http://c:4318/v1/metrics", "http/protobuf"],
  [{ TRACES_ENDPOINT: "http://c:1/v1/traces" }, "http://localhost:4318/v1/metrics", "http/protobuf"],
  [{ METRICS_ENDPOINT: "http://m:1/mine", ENDPOINT: "http://c:4318" }, "http://m:1/mine", "http/protobuf"],
  [{ ENDPOINT: "c:4317" }, "http://c:4317", "grpc"],
  [{ METRICS_ENDPOINT: "http://m:4317", ENDPOINT: "http://c:4318" }, "http://m:4317", "grpc"],
  [{ PROTOCOL: "grpc", METRICS_PROTOCOL: "http/json" }, "http://localhost:4318/v1/metrics", "http/json"],
  [{ PROTOCOL: "http/json", TRACES_PROTOCOL: "grpc" }, "http://localhost:4318/v1/metrics", "http/json"],
  [{ ENDPOINT: "c:4318", METRICS_INSECURE: "false" }, "https://c:4318/v1/metrics", "http/protobuf"],
];

const configOf = (variables: Record<string, string>) =>
  loadConfig(
    { "--pid": "1" },
    {
      OTEL_METRICS_EXPORTER: "otlp",
      ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [`${prefix}${name}`, value])),
    },
  ).config;
const otlpOf = (variables: Record<string, string>) => configOf(variables).otlp;

for (const [variables, endpoint, protocol] of cases)
  test(JSON.stringify(variables), () => {
    const otlp = otlpOf(variables);
    assert.deepEqual([otlp.endpoint, otlp.protocol], [endpoint, protocol]);
  });

for (const [variables, endpoint, protocol] of metricsCases)
  test(`metrics: ${JSON.stringify(variables)}`, () => {
    const otlp = configOf(variables).metrics?.otlp;
    assert.deepEqual([otlp?.endpoint, otlp?.protocol], [endpoint, protocol]);
  });

test("user and password of an endpoint become a header and leave the URL", () => {
  const otlp = otlpOf({ ENDPOINT: "https://me:p%40ss@c:4318" });
  assert.equal(otlp.endpoint, "https://c:4318/v1/traces");
  assert.equal(otlp.headers.authorization, `Basic ${Buffer.from("me:p@ss").toString("base64")}`);
  assert.equal(otlpOf({ ENDPOINT: "https://me@c:1", HEADERS: "Authorization=x" }).headers.authorization, "x");
});

const nonsense = [
  "nonsense",
  "c",
  "4318",
  ":4318",
  "http://",
  "http:///path",
  "//c:4318",
  "http:/c:4318",
  "http://c:99999",
  "http://c:0",
  "http://c:port",
  "http://a b:1",
  "http://[::1:4318",
  "unix:///run/otel.sock",
  "htp://c:4318",
  "http://%zz@c:1",
  "http://c d",
  "http://<host>:4318",
];

for (const value of nonsense)
  test(`refused: ${value}`, () => assert.throws(() => otlpOf({ ENDPOINT: value }), { exitCode: 2 }));
