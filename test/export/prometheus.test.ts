// Metrics as text, read by the parser of Prometheus.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { HistogramPoint, MetricPoint } from "../../src/export/metrics-types.ts";
import { metricsText, type TextFormat } from "../../src/export/prometheus.ts";
import { histogram, point } from "./support/metrics.ts";
import { type Scrape, scrape } from "./support/scrape.ts";

const formats: readonly TextFormat[] = ["prometheus", "openmetrics"];
const labels = { otel_scope_name: "otel-go-auto/fake", service_name: "fake" };

/** The series of these points, without those that tell of the target. */
async function read(points: readonly MetricPoint[], format: TextFormat): Promise<Scrape> {
  const { series, complaints } = await scrape(metricsText(points, format), format);
  return { series: series.filter(({ name }) => name !== "target_info"), complaints };
}

const exemplar = {
  value: 0.25,
  time: [1_790_000_000, 123_456_789] as [number, number],
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
};
const durations: HistogramPoint = histogram({
  name: "http.server.request.duration",
  description: "Duration of HTTP server requests.",
  unit: "s",
  boundaries: [0.1, 0.5, 1, 10],
  counts: [3, 4, 0, 2, 1],
  count: 10,
  sum: 42.5,
  exemplars: [exemplar, { ...exemplar, value: 100 }],
});

for (const format of formats)
  describe(`as ${format}`, () => {
    test("each kind of number", async () => {
      const { series, complaints } = await read(
        [
          point({
            name: "pool.connections",
            unit: "{connection}",
            value: -2,
            description: 'How\nmany \\ "x"',
          }),
          point({ name: "waits", kind: "counter", unit: "{wait}", value: 2 ** 53 - 1, description: "a" }),
          point({ name: "waited", kind: "counter", unit: "s", value: 1.5, description: "b" }),
          point({ name: "heap", kind: "gauge", unit: "By", value: 1e300, description: "c" }),
          point({ name: "fill", kind: "gauge", unit: "1", value: 0.1, description: "d" }),
          point({ name: "overhead.cpu_percent", kind: "gauge", unit: "%", value: 1e-9, description: "e" }),
        ],
        format,
      );
      assert.deepEqual(complaints, []);
      assert.deepEqual(
        series.map(({ name, type, value }) => [name, type, value]),
        [
          ["pool_connections", "gauge", -2],
          ["waits_total", "counter", 2 ** 53 - 1],
          ["waited_seconds_total", "counter", 1.5],
          ["heap_bytes", "gauge", 1e300],
          ["fill_ratio", "gauge", 0.1],
          ["overhead_cpu_percent", "gauge", 1e-9],
        ],
      );
      assert.equal(series[0]?.help, 'How\nmany \\ "x"');
      assert.deepEqual(series[0]?.labels, labels);
      if (format === "openmetrics")
        assert.deepEqual(
          series.map(({ unit }) => unit),
          ["", "", "seconds", "bytes", "ratio", "percent"],
        );
    });

    test("a histogram: buckets are cumulative", async () => {
      const { series, complaints } = await read([durations], format);
      assert.deepEqual(complaints, []);
      assert.ok(series.every(({ type, help }) => type === "histogram" && help === durations.description));
      const name = "http_server_request_duration_seconds";
      assert.deepEqual(
        series.map((one) => [one.name, Number(one.labels.le?.replace("+Inf", "Infinity")), one.value]),
        [
          [`${name}_bucket`, 0.1, 3],
          [`${name}_bucket`, 0.5, 7],
          [`${name}_bucket`, 1, 7],
          [`${name}_bucket`, 10, 9],
          [`${name}_bucket`, Number.POSITIVE_INFINITY, 10],
          [`${name}_sum`, Number.NaN, 42.5],
          [`${name}_count`, Number.NaN, 10],
        ],
      );
    });

    test("exemplars stand at their buckets, in OpenMetrics alone", async () => {
      const { series } = await read([durations], format);
      const found = series.flatMap(({ labels, exemplar }) =>
        exemplar ? [{ le: labels.le, ...exemplar }] : [],
      );
      const ids = { trace_id: exemplar.traceId, span_id: exemplar.spanId };
      const expected = [
        { le: "0.5", labels: ids, value: 0.25, time: 1_790_000_000_123 },
        { le: "+Inf", labels: ids, value: 100, time: 1_790_000_000_123 },
      ];
      assert.deepEqual(found, format === "openmetrics" ? expected : []);
    });

    test("attributes as labels, whatever is in them", async () => {
      const text = 'a"b\\c\nd\re\u0000f é 🎉 {}=,#';
      const attributes = {
        "http.request.method": "GET",
        "server.port": 80,
        yes: true,
        list: ["a", 'b"'],
        "1st": "x",
        __name__: "evil",
        "same.one": "b",
        same_one: "a",
        empty: "",
        "schlüssel ": "k",
        text,
        gone: undefined,
      };
      const { series } = await read([point({ attributes, description: "x" })], format);
      assert.deepEqual(series[0]?.labels, {
        ...labels,
        http_request_method: "GET",
        server_port: "80",
        yes: "true",
        list: '["a","b\\""]',
        _1st: "x",
        _name__: "evil",
        same_one: "b;a",
        schl_ssel_: "k",
        empty: "",
        text,
      });
    });

    test("targets are told apart, also with one service.instance.id, and nothing is there twice", async () => {
      const target = (pid: number, id: string) =>
        resourceFromAttributes({ "service.name": "shop", "service.instance.id": id, "process.pid": pid });
      const [a, b, c] = [target(1, "same"), target(2, "same"), target(3, "other")];
      const points = [a, b, c, a].map((resource, value) => point({ resource, value, description: "x" }));
      const page = metricsText([...points, point({ kind: "counter", value: 9, resource: a })], format);
      const { series, complaints } = await scrape(page, format);
      assert.deepEqual(complaints, []);
      const info = series.filter(({ name }) => name === "target_info");
      assert.deepEqual(
        info.map(({ labels, value }) => [labels.service_name, labels.process_pid, value]),
        [
          ["shop", "1", 1],
          ["shop", "2", 1],
          ["shop", "3", 1],
        ],
      );
      assert.deepEqual(
        series
          .filter(({ name }) => name === "fake_connections")
          .map(({ labels, value }) => [labels.service_instance_id, labels.process_pid, value]),
        [
          ["same", "1", 0],
          ["same", "2", 1],
          ["other", undefined, 2],
        ],
      );
    });

    test("no metrics", async () => {
      assert.deepEqual((await read([], format)).series, []);
    });
  });
