// Metrics to a real collector in all three protocols. The values are those of a source that counts by itself.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { loadConfig } from "../../src/config/load.ts";
import { createMetricExporter } from "../../src/export/metrics.ts";
import type { MetricPoint, MetricSource } from "../../src/export/metrics-types.ts";
import { type Collector, type ReceivedPoint, startCollector } from "./support/collector.ts";
import { stopAll } from "./support/process.ts";

const startTime: [number, number] = [1_790_000_000, 123_456_789];
const schemaUrl = "https://opentelemetry.io/schemas/1.37.0";
const scope = { name: "otel-go-auto/fake", version: "1.2.3", schemaUrl };

/** A fake pool of connections, which waits once more each time it is looked at. */
function fakePool(service: string): MetricSource {
  const resource = resourceFromAttributes({ "service.name": service, "process.pid": 7 });
  const common = { scope, resource, startTime, description: "" };
  let looks = 0;
  return {
    collect(): MetricPoint[] {
      looks++;
      const connections = (state: string, value: number): MetricPoint => ({
        ...common,
        name: "db.client.connection.count",
        description: "Connections by state",
        unit: "{connection}",
        kind: "updowncounter",
        value,
        attributes: { "db.client.connection.state": state },
      });
      return [
        connections("used", 3),
        connections("idle", -2),
        { ...common, name: "waits", unit: "{wait}", kind: "counter", value: 2 ** 40 + looks, attributes: {} },
        {
          ...common,
          name: "waited",
          unit: "s",
          kind: "counter",
          valueType: "double",
          value: looks,
          attributes: {},
        },
        { ...common, name: "fill", unit: "1", kind: "gauge", value: 0.25, attributes: { é: "ü", n: 1 } },
      ];
    },
  };
}

describe("metrics", () => {
  let collector: Collector;
  before(async () => {
    collector = await startCollector();
  });
  after(async () => {
    await collector?.stop();
    await stopAll();
  });

  const connect = async (protocol: string, more: Record<string, string>) => {
    const endpoint = protocol === "grpc" ? collector.grpcEndpoint : collector.httpEndpoint;
    const { config } = loadConfig(
      { "--pid": "1", "--endpoint": endpoint, "--protocol": protocol },
      { OTEL_METRICS_EXPORTER: "otlp", ...more },
    );
    const exporter = await createMetricExporter(config);
    assert.ok(exporter);
    return exporter;
  };
  const pointsOf = (service: string) => (points: readonly ReceivedPoint[]) =>
    points.filter(({ resource }) => resource["service.name"] === service);

  for (const protocol of ["http/protobuf", "http/json", "grpc"])
    for (const compression of ["none", "gzip"]) {
      test(`${protocol}, ${compression}: each interval, at the end, and of two targets`, async () => {
        const [first, second] = [`a ${protocol} ${compression}`, `b ${protocol} ${compression}`];
        const exporter = await connect(protocol, {
          OTEL_METRIC_EXPORT_INTERVAL: "200",
          OTEL_EXPORTER_OTLP_COMPRESSION: compression,
        });
        exporter.add(fakePool(first));
        const remove = exporter.add(fakePool(second));
        // Two exports by the clock, then the last ones.
        await collector.waitForPoints((points) => pointsOf(first)(points).length >= 2 * 5);
        remove();
        await exporter.shutdown(10_000);
        const { received, exported, pending } = exporter.counts;
        assert.equal(exported, received);
        assert.equal(pending, 0);
        const all = await collector.waitForPoints(
          (points) => pointsOf(first)(points).length + pointsOf(second)(points).length >= exported,
        );
        assert.equal(pointsOf(first)(all).length + pointsOf(second)(all).length, exported);
        assert.ok(pointsOf(second)(all).length >= 3 * 5);

        const [used, idle, waits, waited, fill] = pointsOf(first)(all);
        assert.deepEqual(withoutTime(used), {
          name: "db.client.connection.count",
          description: "Connections by state",
          unit: "{connection}",
          kind: "updowncounter",
          cumulative: true,
          valueType: "int",
          value: 3,
          histogram: undefined,
          start: 1_790_000_000_123_456_789n,
          attributes: { "db.client.connection.state": "used" },
          scope,
          resource: { "service.name": first, "process.pid": 7 },
        });
        assert.ok(used && used.time > 0n);
        assert.deepEqual([idle?.value, idle?.attributes["db.client.connection.state"]], [-2, "idle"]);
        assert.deepEqual(short(waits), ["waits", "counter", "int", 2 ** 40 + 1]);
        assert.deepEqual(short(waited), ["waited", "counter", "double", 1]);
        assert.deepEqual(short(fill), ["fill", "gauge", "double", 0.25]);
        assert.deepEqual(fill?.attributes, { é: "ü", n: 1 });
        const counted = pointsOf(first)(all).filter(({ name }) => name === "waits");
        assert.deepEqual(
          counted.map(({ value }) => value),
          counted.map((_, index) => 2 ** 40 + 1 + index),
        );
      });
    }
});

function withoutTime(point: ReceivedPoint | undefined): object {
  const { time: _, ...rest } = point ?? ({} as ReceivedPoint);
  return rest;
}

function short(point: ReceivedPoint | undefined): unknown[] {
  return [point?.name, point?.kind, point?.valueType, point?.value];
}
