import assert from "node:assert/strict";
import { test } from "node:test";
import type { Config } from "../../src/config/config.ts";
import { parseConfigFile } from "../../src/config/file.ts";
import { loadConfig } from "../../src/config/load.ts";
import { find } from "../../src/config/read.ts";
import type { Setting } from "../../src/config/setting.ts";
import { settings } from "../../src/config/settings.ts";

type Words = Record<string, string>;

function load(text: string, environment: Words = {}, flags: Words = { "--pid": "12" }) {
  return loadConfig(flags, environment, { file: parseConfigFile("a.yaml", text, environment) });
}

const configOf = (text: string, environment?: Words, flags?: Words) => load(text, environment, flags).config;

/** A file, and the part of the configuration that it leads to. */
const good: [string, (config: Config) => unknown, unknown][] = [
  ["", (c) => c.live.sampler, { kind: "parentbased_always_on", ratio: 1 }],
  ["# nothing\n", (c) => c.file, "a.yaml"],
  ["service:\n  name: shop\n  version: 1.10\n", (c) => c.service.name, "shop"],
  ["service: {version: 1.10}", (c) => c.service.version, "1.10"],
  ["service:\n  name:\n  version: ~\n  environment: null\n", (c) => c.service.name, undefined],
  ["service:\notlp:\n", (c) => c.service.name, undefined],
  ["\ufeffservice: {name: with a mark}", (c) => c.service.name, "with a mark"],
  ["service:\r\n  name: windows\r\n", (c) => c.service.name, "windows"],
  ['service: {name: "null"}', (c) => c.service.name, "null"],
  ["service: {name: yes}", (c) => c.service.name, "yes"],
  [
    'resource:\n  attributes:\n    team: "a,b = c%"\n    "k,=": v\n    empty:\n    half: "\\ud800"\n',
    (c) => c.service.resourceAttributes,
    { team: "a,b = c%", "k,=": "v", empty: "", half: "\ufffd" },
  ],
  ["resource: {attributes: 'team=a%2Cb,x=y'}", (c) => c.service.resourceAttributes, { team: "a,b", x: "y" }],
  ["resource: {attributes: {}}", (c) => c.service.resourceAttributes, {}],
  ["traces: {exporter: console}", (c) => c.exporter, "console"],
  [
    "metrics: {exporter: otlp, interval: 500, timeout: 300}\notlp: {endpoint: 'http://c:1'}",
    (c) => [c.metrics?.intervalMs, c.metrics?.otlp.timeoutMs, c.metrics?.otlp.endpoint],
    [500, 300, "http://c:1/v1/metrics"],
  ],
  [
    "otlp:\n  timeout: 5\n  compression: gzip\n  traces:\n    timeout: 6\n",
    (c) => [c.otlp.timeoutMs, c.otlp.compression],
    [6, "gzip"],
  ],
  [
    "otlp:\n  headers:\n    Authorization: Bearer a b=c,d%\n  traces:\n    headers: {x: 1}\n",
    (c) => c.otlp.headers,
    { authorization: "Bearer a b=c,d%", x: "1" },
  ],
  ["sampling: {ratio: 0.25}", (c) => c.live.sampler, { kind: "parentbased_traceidratio", ratio: 0.25 }],
  [
    "sampling: {exclude_paths: [/healthz, /internal/*], rules: [/search=0.1]}",
    (c) => c.live.samplingRules,
    [
      { path: "/healthz", ratio: 0 },
      { path: "/internal/*", ratio: 0 },
      { path: "/search", ratio: 0.1 },
    ],
  ],
  ["sampling: {sampler: always_off}", (c) => c.live.sampler, { kind: "always_off", ratio: 1 }],
  ["sampling: {sampler: traceidratio, ratio: 1e-3}", (c) => c.live.sampler.ratio, 0.001],
  [
    "sampling:\n  exclude_paths: [/a]\n  rules:\n    - {path: /b/*, ratio: 0.5}\n    - {path: /c, drop: true}\n    - /d=0.1\n",
    (c) => c.live.samplingRules,
    [
      { path: "/a", ratio: 0 },
      { path: "/b/*", ratio: 0.5 },
      { path: "/c", ratio: 0 },
      { path: "/d", ratio: 0.1 },
    ],
  ],
  ["propagators: [b3, tracecontext]", (c) => c.propagators, ["tracecontext", "b3"]],
  ["propagators: []", (c) => c.propagators, []],
  ["propagators: baggage,b3\n", (c) => c.propagators, ["baggage", "b3"]],
  [
    "disable:\n  - net/http/client\n  - database/sql # slow\n",
    (c) => c.live.disabledLibraries,
    ["net/http/client", "database/sql"],
  ],
  ["disable: []", (c) => c.live.disabledLibraries, []],
  ["disable: grpc, sql", (c) => c.live.disabledLibraries, ["grpc", "sql"]],
  ["log_level: DEBUG", (c) => c.live.logLevel, "debug"],
  ["sdk_disabled: true", (c) => c.enabled, false],
  ["batch: {schedule_delay: 200}", (c) => c.batch.scheduleDelayMs, 200],
];

for (const [text, pick, expected] of good)
  test(JSON.stringify(text), () => assert.deepEqual(pick(configOf(text)), expected));

test("targets", () => {
  assert.deepEqual(configOf("target: {pid: [7, 8]}", {}, {}).targets, { pids: [7, 8], exe: undefined });
  assert.deepEqual(configOf("target: {pid: 7}", {}, {}).targets, { pids: [7], exe: undefined });
  assert.deepEqual(configOf("target: {exe: /app}", {}, {}).targets, { pids: [], exe: "/app" });
});

test("a flag beats a variable, and that beats the file, even a bad one", () => {
  const file =
    "log_level: nonsense\nservice: {name: file}\notlp:\n  traces: {endpoint: nonsense, headers: {a: 1}}\n  headers: {b: 2}\n";
  const variables = {
    OTEL_LOG_LEVEL: "nonsense",
    OTEL_SERVICE_NAME: "variable",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://variable:1",
    OTEL_EXPORTER_OTLP_HEADERS: "c=3",
  };
  const config = configOf(file, variables, { "--pid": "1", "--log-level": "warn" });
  assert.equal(config.live.logLevel, "warn");
  assert.equal(config.service.name, "variable");
  assert.equal(config.otlp.endpoint, "http://variable:1/v1/traces");
  assert.deepEqual(config.otlp.headers, { c: "3" });
});

test("a sampler of a variable keeps its own meaning of the file's ratio", () => {
  const { config, warnings } = load("sampling: {ratio: 0.5}", { OTEL_TRACES_SAMPLER: "traceidratio" });
  assert.deepEqual(config.live.sampler, { kind: "traceidratio", ratio: 0.5 });
  assert.deepEqual(warnings, []);
  const other = load("sampling: {ratio: 0.5}", { OTEL_TRACES_SAMPLER: "always_on" });
  assert.equal(other.config.live.sampler.kind, "always_on");
  assert.deepEqual(other.warnings, ["a.yaml:1:19: sampling.ratio is not used by the sampler always_on"]);
});

test("variables in the file", () => {
  const environment = { KEY: "se%cret, x", EMPTY: "", LIST: "grpc,sql" };
  const text = [
    "service:",
    `  name: \${NAME:-shop}`,
    `  version: \${EMPTY}`,
    `  environment: \${env:EMPTY:-prod}-$$-\${NONE}`,
    "otlp:",
    "  headers:",
    `    api-key: "\${KEY}"`,
    "disable:",
    `  - \${LIST}`,
    `  - \${NONE}`,
  ].join("\n");
  const { service, otlp, live } = configOf(text, environment);
  assert.equal(service.name, "shop");
  assert.equal(service.version, undefined);
  assert.equal(service.environment, "prod-$-");
  assert.deepEqual(otlp.headers, { "api-key": "se%cret, x" });
  assert.deepEqual(live.disabledLibraries, ["grpc", "sql"]);
});

test("what a warning speaks of is named as it was said", () => {
  assert.match(
    load("propagators: [jaeger]").warnings.join(),
    /^a.yaml:1:14: propagators: jaeger is not supported/,
  );
  assert.match(
    load("semconv_stability_opt_in: [x]").warnings.join(),
    /^a.yaml:1:27: semconv_stability_opt_in: "x"/,
  );
});

test("every setting has a key of its own", () => {
  const own = Object.entries<Setting>(settings).map(([name, { keys }]) => [name, keys[0]]);
  assert.deepEqual(
    own.filter(([, key]) => key === undefined).map(([name]) => name),
    ["configFile", "startReport"],
  );
  const keys = own.flatMap(([, key]) => key ?? []);
  assert.equal(new Set(keys).size, keys.length);
});

test("every key of the table is taken", () => {
  for (const { keys, shape } of Object.values<Setting>(settings))
    for (const key of keys) {
      const shapes = {
        list: "[a]",
        map: "{a: b}",
        value: "a",
        rules: "[{path: /a, drop: true}]",
        functions: "[{function: main.f}]",
      };
      const value = shapes[shape ?? "value"];
      const text = key.split(".").reduceRight((inner, name) => `{${name}: ${inner}}`, value);
      assert.equal(parseConfigFile("a.yaml", text, {}).entries.get(key)?.line, 1, key);
    }
});

test("a key of one signal beats the key of all", () => {
  const file = parseConfigFile("a.yaml", "otlp: {protocol: grpc, traces: {protocol: http/json}}", {});
  const found = find(settings.protocol, { flags: {}, environment: {}, file });
  assert.equal(found?.source, "otlp.traces.protocol");
  assert.equal(found?.text, "http/json");
});
