import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseConfigFile, readConfigFile } from "../../src/config/file.ts";
import { loadConfig } from "../../src/config/load.ts";
import { UserError } from "../../src/report/user-error.ts";

const environment = { SECRET: "hunter2" };

function explanationOf(load: () => unknown) {
  try {
    load();
  } catch (error) {
    assert(error instanceof UserError, String(error));
    assert.equal(error.exitCode, 2);
    return error.explanation;
  }
  assert.fail("it was taken");
}

const refusal = (text: string) =>
  explanationOf(() =>
    loadConfig({ "--pid": "12" }, environment, { file: parseConfigFile("a.yaml", text, environment) }),
  );

const outermost =
  "keys of a config file are target, service, resource, traces, metrics, status_address, otlp, sampling, rules, propagators, ";

/** A file, its message's first line, and what the second begins with. */
const bad: [string, string, string?][] = [
  // Not YAML.
  [
    "otlp: [1,\n",
    "a.yaml:1:7: Flow sequence in block collection must be sufficiently indented and end with a ]",
  ],
  [
    "otlp:\n  headers: [a, {b: c\nlog_level: info\n",
    "a.yaml:2:16: Flow map in block collection must be sufficiently indented and end with a }",
  ],
  ["service:\n  name: 'a\nlog_level: info\n", "a.yaml:2:9: Missing closing"],
  ["service:\n  name: a\n name: b\n", "a.yaml:3:1: All mapping items must start at the same column"],
  ["log_level: info\nlog_level: warn\n", "a.yaml:2:1: Map keys must be unique"],
  ["\tlog_level: info\n", "a.yaml:1:1: Tabs are not allowed as indentation"],
  ['otlp:\n  headers:\n    key: "\\q hunter2"\n', "a.yaml:3:11: Invalid escape sequence"],
  ["otlp:\n  headers: 'a=b' hunter2\n", "a.yaml:2:18: Unexpected scalar at node end"],
  ["log_level: info\n---\nlog_level: warn\n", "a.yaml:2:1: the file has more than one document"],
  ["log_level: !!str info\n", "a.yaml:1:18: tags such as !!str are not taken"],
  ["log_level: &a info\n", "a.yaml:1:15: anchors (&) and aliases (*) are not taken"],
  [`disable: ${"[".repeat(100_000)}`, "a.yaml:1:73: sections and lists are nested more than 32 deep"],
  ["- ".repeat(100_000), "a.yaml:1:128: sections and lists are nested more than 32 deep"],
  ["x: y\n".repeat(150_000), "a.yaml:7143:5: the file has more than 50,000 words and signs"],
  // Not what the settings are.
  [
    "just words",
    "a.yaml:1:1: a config file has another form",
    "valid is a section with keys of these: target, ",
  ],
  ["- log_level\n", "a.yaml:1:1: a config file has another form"],
  ["loglevel: debug\n", 'a.yaml:1:1: unknown key "loglevel"', outermost],
  ["otlp:\n  endpont: x:1\n", 'a.yaml:2:3: unknown key "endpont"', "keys of otlp are endpoint, "],
  ["sampling: {sampler: always_on, rate: 1}\n", 'a.yaml:1:32: unknown key "rate"', "keys of sampling are "],
  ["? [a]\n: b\n", "a.yaml:1:3: a key of a config file has another form", "valid is a text"],
  [
    "service: shop\n",
    "a.yaml:1:10: service has another form",
    "valid is a section with keys of these: name, ",
  ],
  ["service:\n  name: [a, b]\n", "a.yaml:2:9: service.name has another form", "valid is one value"],
  [
    "disable:\n  grpc: true\n",
    "a.yaml:2:3: disable has another form",
    "valid is a list of values, or one text",
  ],
  ["disable:\n  - [grpc]\n", "a.yaml:2:5: an item of disable has another form", "valid is a text"],
  [
    "otlp:\n  headers: [a, b]\n",
    "a.yaml:2:12: otlp.headers has another form",
    "valid is names with their values",
  ],
  ["otlp:\n  headers:\n    a: [b]\n", "a.yaml:3:8: otlp.headers.a has another form", "valid is a text"],
  [
    "sampling: {rules: {path: /a}}\n",
    "a.yaml:1:19: sampling.rules has another form",
    "valid is a list of rules",
  ],
  [
    "sampling:\n  rules: [{path: '/a,b', ratio: 0.1}]\n",
    "a.yaml:2:18: sampling.rules.path has another form",
    "valid is a path without a comma",
  ],
  [
    "sampling:\n  exclude_paths: ['/a,b']\n",
    'a.yaml:2:19: sampling.exclude_paths has a value that is not valid: "/a,b"',
    'valid is paths that begin with "/", as they are sent: special characters percent-encoded, no query, no com',
  ],
  ["sampling:\n  rules: [{path: /a}]\n", "a.yaml:2:11: an item of sampling.rules has another form"],
  [
    "sampling:\n  rules: [{path: /a, drop: false}]\n",
    "a.yaml:2:11: an item of sampling.rules has another form",
  ],
  [
    "sampling:\n  rules: [{path: /a, rate: 1}]\n",
    'a.yaml:2:22: unknown key "rate"',
    "keys of sampling.rules are path",
  ],
  [
    "sampling:\n  rules:\n    - {path: /a, ratio: 1}\n    - {path: /b, ratio: 2}\n",
    'a.yaml:4:14: sampling.rules has a value that is not valid: "/b=2"',
    "valid is a number from 0 to 1",
  ],
  // Values, by the parsers of the variables.
  [
    "log_level: loud\n",
    'a.yaml:1:12: log_level has a value that is not valid: "loud"',
    "valid is error, warn",
  ],
  [
    "sampling:\n  ratio: 2\n",
    'a.yaml:2:10: sampling.ratio has a value that is not valid: "2"',
    "valid is a number",
  ],
  ["sampling:\n  sampler: all\n", 'a.yaml:2:12: sampling.sampler has a value that is not valid: "all"'],
  [
    "otlp:\n  traces:\n    timeout: 10s\n",
    'a.yaml:3:14: otlp.traces.timeout has a value that is not valid: "10s"',
  ],
  [
    "otlp:\n  insecure: yes\n",
    'a.yaml:2:13: otlp.insecure has a value that is not valid: "yes"',
    "valid is true",
  ],
  [
    "otlp:\n  endpoint: http://me:hunter2@h:x\n",
    'a.yaml:2:13: otlp.endpoint has a value that is not valid: "http://***@h:x"',
  ],
  ["enabled: 1\n", 'a.yaml:1:10: enabled has a value that is not valid: "1"', "valid is true, false"],
  [
    'service:\n  name: ""\n',
    'a.yaml:2:9: service.name has a value that is not valid: ""',
    "valid is a value that is not empty",
  ],
  [
    "otlp:\n  headers:\n    good: a\n    a b: hunter2\n",
    "a.yaml:4:10: otlp.headers has a value that is not valid: (not shown: it may hold secrets)",
    "valid is header names of letters",
  ],
  [
    "otlp:\n  headers: hunter2\n",
    "a.yaml:2:12: otlp.headers has a value that is not valid: (not shown: it may hold secrets)",
  ],
  [
    "batch:\n  max_queue_size: 5\n  max_export_batch_size: 6\n",
    "a.yaml:3:26: batch.max_export_batch_size (6) is above a.yaml:2:19: batch.max_queue_size (5)",
  ],
  ["target:\n  exe: /app\n", "--pid and a.yaml:2:8: target.exe are both given"],
  // Variables in it.
  [
    `log_level: "\${SECRET"\n`,
    "a.yaml:1:12: log_level refers to a variable in a way that is not valid",
    `valid is \${NAME}, `,
  ],
  [`log_level: "\${1}"\n`, "a.yaml:1:12: log_level refers to a variable in a way that is not valid"],
  [`log_level: \${SECRET}\n`, `a.yaml:1:12: log_level has a value that is not valid: "\${SECRET}"`],
];

for (const [text, what, why] of bad)
  test(`refused: ${JSON.stringify(text.slice(0, 60))}`, () => {
    const explanation = refusal(text);
    assert.equal(explanation.what, what);
    if (why !== undefined) assert.equal(explanation.why?.slice(0, why.length), why);
    assert.ok(!JSON.stringify(explanation).includes("hunter2"), "secrets are not shown");
  });

test("the nearest key is named", () => {
  assert.equal(refusal("loglevel: debug\n").next, "did you mean log_level?");
  assert.equal(refusal("otlp:\n  endpont: x:1\n").next, "did you mean endpoint?");
});

const directory = mkdtempSync(join(tmpdir(), "otel-go-auto-config-"));
after(() => rmSync(directory, { recursive: true }));

test("files that can't be read", () => {
  const file = join(directory, "file");
  const read = (path: string) => explanationOf(() => readConfigFile(path, {}));
  assert.equal(read("/no/such").what, "the config file /no/such can't be read");
  assert.equal(read("/no/such").why, "there is no such file");
  assert.equal(read(directory).why, "it is not a regular file");
  assert.equal(read("/dev/zero").why, "it is not a regular file");
  symlinkSync("circle", join(directory, "circle"));
  assert.equal(read(join(directory, "circle")).why, "too many symbolic links encountered (ELOOP)");
  execFileSync("mkfifo", [join(directory, "pipe")]);
  assert.equal(read(join(directory, "pipe")).why, "it is not a regular file");
  writeFileSync(file, Buffer.alloc((1 << 20) + 1, "#"));
  assert.equal(read(file).why, "it has more than 1 MiB");
  writeFileSync(file, Buffer.from([0x61, 0xff]));
  assert.equal(read(file).why, "it is not UTF-8");
});
