import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../../src/config/load.ts";
import { offsetsFile } from "../../src/config/offsets.ts";
import { cron, offsetsSource } from "../../src/config/offsets-values.ts";
import { InvalidValue } from "../../src/config/values.ts";

const refused = (parse: (value: string) => unknown, value: string) =>
  assert.throws(() => parse(value), InvalidValue, value);

test("sources: URLs, with the name of the file where they end with a slash", () => {
  const urlOf = (value: string) => {
    const source = offsetsSource(value);
    return source.kind === "url" ? source.url : undefined;
  };
  assert.equal(urlOf("https://mirror/a/offsets.json"), "https://mirror/a/offsets.json");
  assert.equal(urlOf("HTTP://Mirror:8080"), "http://mirror:8080/offsets.json");
  assert.equal(urlOf("https://mirror/a/?token=x#part"), "https://mirror/a/offsets.json?token=x");
  assert.deepEqual(offsetsSource("https://ann:s%40cret@mirror/o.json"), {
    kind: "url",
    url: "https://mirror/o.json",
    authorization: `Basic ${Buffer.from("ann:s@cret").toString("base64")}`,
  });
  for (const value of [
    "ftp://mirror/x",
    "file:///x",
    "oci://mirror/x",
    "https://",
    "http:///x",
    "https://a b/",
  ])
    refused(offsetsSource, value);
  for (const value of ["https://mirror:99999/", "https://%zz@mirror/"]) refused(offsetsSource, value);
});

test("sources: paths, made absolute", () => {
  assert.deepEqual(offsetsSource("/mnt/offsets"), { kind: "path", path: "/mnt/offsets" });
  assert.deepEqual(offsetsSource("offsets.json"), { kind: "path", path: `${process.cwd()}/offsets.json` });
  assert.deepEqual(offsetsSource("/mnt/a:b"), { kind: "path", path: "/mnt/a:b" });
});

test("cron expressions that come again, and no others", () => {
  for (const value of [
    "0 3 * * *",
    "*/15 * * * *",
    "0 0 29 2 *",
    "30 0 3 * * MON-FRI",
    "@daily",
    "0 0 L * *",
  ])
    assert.equal(cron(value), value);
  for (const value of [
    "",
    "daily",
    "60 * * * *",
    "* * *",
    "0 0 31 2 *",
    "2999-01-01T00:00:00",
    "@reboot",
    "* * * * * * * *",
  ])
    refused(cron, value);
});

test("where updates are kept: as it was said, else by user", (t) => {
  const of = (said: string | undefined, environment = {}) => offsetsFile(said, environment);
  const own = process as { geteuid: () => number };
  t.mock.method(own, "geteuid", () => 0);
  assert.equal(of(undefined, { HOME: "/home/ann" }), "/var/lib/otel-go-auto/offsets.json");
  assert.equal(of("/data/o.json"), "/data/o.json");
  assert.equal(of("o.json"), `${process.cwd()}/o.json`);
  t.mock.method(own, "geteuid", () => 1000);
  assert.equal(of(undefined, { HOME: "/home/ann" }), "/home/ann/.local/state/otel-go-auto/offsets.json");
  const state = { HOME: "/home/ann", XDG_STATE_HOME: "/home/ann/state" };
  assert.equal(of(undefined, state), "/home/ann/state/otel-go-auto/offsets.json");
  const relative = { HOME: "/home/ann", XDG_STATE_HOME: "state" };
  assert.equal(of(undefined, relative), "/home/ann/.local/state/otel-go-auto/offsets.json");
});

test("the agent's configuration has them; a source alone is no order to update", () => {
  const of = (environment: Record<string, string>) =>
    loadConfig({ "--pid": "1" }, environment).config.offsets;
  const variables = {
    OTEL_GO_AUTO_OFFSETS_FROM: "/mnt/offsets",
    OTEL_GO_AUTO_OFFSETS_SCHEDULE: "@daily",
    OTEL_GO_AUTO_OFFSETS_FILE: "/data/o.json",
  };
  const from = { kind: "path", path: "/mnt/offsets" };
  assert.deepEqual(of(variables), { from, schedule: "@daily", file: "/data/o.json" });
  assert.equal(of({ OTEL_GO_AUTO_OFFSETS_FROM: "/mnt/offsets" }).schedule, undefined);
  assert.throws(() => of({ OTEL_GO_AUTO_OFFSETS_SCHEDULE: "@daily" }), /no source of newer offsets/);
});
