import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { SpanStatusCode } from "@opentelemetry/api";
import type { Account } from "../src/export/account.ts";
import { newExportCounts } from "../src/export/batcher.ts";
import type { MetricPoint, MetricSource } from "../src/export/metrics-types.ts";
import { asides, outcomes } from "../src/report/account.ts";
import { SelfMetrics } from "../src/self-metrics.ts";

/** What it says with this account, as [name, attribute's value, value]. */
function read(account: Account) {
  const sources: MetricSource[] = [];
  const spans = { ...newExportCounts(), added: 7, failures: 2 };
  const self = new SelfMetrics({
    config: {
      service: {
        name: "shop",
        version: "1",
        environment: "prod",
        resourceAttributes: { "service.name": "x" },
      },
    },
    account: () => account,
    sessions: { live: new Set() },
    spans,
    metrics: {
      counts: undefined,
      add: (source) => {
        sources.push(source);
        return () => {};
      },
    },
  });
  assert.deepEqual(sources, [self]);
  const collect = () =>
    self
      .collect()
      .map((point) => [point.name, Object.values(point.attributes)[0], "value" in point && point.value]);
  return { self, collect };
}

const account: Account = {
  started: 100,
  outcomes: {
    exported: 5,
    pending: 1,
    unsampled: 9,
    leftOut: 11,
    overLimit: 12,
    ringFull: 3,
    malformed: 2,
    exportFailed: 4,
    inFlight: 8,
  },
  asides: { foreign: 6, textTruncated: 1 },
};

describe("self-metrics", () => {
  test("no series is there twice: whoever adds them up would count it double", () => {
    const series = read(account)
      .self.collect()
      .map(({ name, attributes }) => `${name} ${JSON.stringify(attributes)}`);
    assert.deepEqual(series, [...new Set(series)]);
  });

  test("are the account", () => {
    const { self, collect } = read(account);
    self.count({ status: { code: SpanStatusCode.ERROR } });
    self.count({ status: { code: SpanStatusCode.UNSET } });
    const all = collect();
    const of = (name: string) => all.filter(([found]) => found === `auto_instrument.${name}`);
    assert.deepEqual(of("spans.created"), [["auto_instrument.spans.created", undefined, 7]]);
    assert.deepEqual(of("spans.errors")[0]?.[2], 1);
    assert.deepEqual(of("spans.exported")[0]?.[2], 5);
    assert.deepEqual(of("spans.unsampled")[0]?.[2], 9);
    assert.deepEqual(of("spans.left_out"), [["auto_instrument.spans.left_out", undefined, 11]]);
    assert.deepEqual(of("spans.over_limit")[0]?.[2], 12);
    assert.deepEqual(of("spans.pending")[0]?.[2], 1);
    const dropped = of("spans.dropped").filter(([, , value]) => value !== 0);
    assert.deepEqual(
      dropped.map(([, reason, value]) => [reason, value]),
      [
        ["ring_full", 3],
        ["malformed", 2],
        ["export_failed", 4],
      ],
    );
    assert.deepEqual(
      of("spans.incomplete").map(([, kind, value]) => [kind, value]),
      [
        ["foreign", 6],
        ["text_truncated", 1],
      ],
    );
    assert.deepEqual(of("export.failures"), [["auto_instrument.export.failures", "traces", 2]]);
  });

  test("every loss has its reason, also before it first happens", () => {
    const losses = Object.values(outcomes).filter(({ isLoss }) => isLoss);
    const reasons = read({ started: 0, outcomes: {} })
      .collect()
      .filter(([name]) => `${name}`.endsWith("dropped"));
    assert.equal(reasons.length, losses.length);
    assert.ok(reasons.every(([, , value]) => value === 0));
  });

  test("the agent is not the program: its resource is its own", () => {
    const points: readonly MetricPoint[] = read(account).self.collect();
    const [{ resource } = assert.fail()] = points;
    assert.ok(points.every((point) => point.resource === resource));
    assert.equal(resource.attributes["service.name"], "otel-go-auto");
    assert.equal(resource.attributes["deployment.environment.name"], "prod");
    assert.equal(resource.attributes["process.pid"], process.pid);
    assert.match(String(resource.attributes["service.instance.id"]), /^[0-9a-f]{8}-[0-9a-f]{4}-5/);
  });

  test("all reasons and kinds stand in docs/metrics.md", () => {
    const text = readFileSync("docs/metrics.md", "utf8");
    const words = [
      ...Object.entries(outcomes).flatMap(([name, { isLoss }]) => (isLoss ? [name] : [])),
      ...Object.keys(asides),
    ].map((name) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
    for (const word of words) assert.ok(text.includes(`\`${word}\``), word);
    for (const { name } of read(account).self.collect()) assert.ok(text.includes(`\`${name}\``), name);
  });
});
