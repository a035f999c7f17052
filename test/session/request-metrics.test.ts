import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { HistogramPoint } from "../../src/export/metrics-types.ts";
import { libraries } from "../../src/generated/registry.ts";
import type { Library } from "../../src/libraries/descriptor.ts";
import { RequestMetrics } from "../../src/session/request-metrics.ts";
import { scopeOf } from "../../src/spans/scope.ts";
import { record, resource } from "../export/support/records.ts";

const find = (path: string): Library =>
  libraries.find((library) => library.path === path) ?? assert.fail(path);
const server = find("net/http/server");
const mux = find("net/http/servemux");

function start() {
  const metrics = new RequestMetrics({
    libraries: [mux, server].map((library) => ({ library, scope: scopeOf(library) })),
    resource,
    startTime: [1, 2],
  });
  const collect = () => metrics.collect() as readonly HistogramPoint[];
  return { metrics, collect };
}

const request = { "http.request.method": "GET", "url.scheme": "http", "http.response.status_code": 200 };

describe("request metrics", () => {
  test("told apart by the attributes that the library names, and by no others", () => {
    const { metrics, collect } = start();
    for (const path of ["/a", "/b"])
      metrics.record(1, { ...request, "url.path": path, "client.address": path }, 0.25, undefined);
    metrics.record(1, { ...request, "http.response.status_code": 500, "error.type": "500" }, 0.5, undefined);
    metrics.record(1, { ...request, "http.route": "/a" }, 20, undefined);
    const points = collect();
    assert.deepEqual(
      points.map(({ name, attributes, count, sum }) => [name, attributes, count, sum]),
      [
        ["http.server.request.duration", request, 2, 0.5],
        [
          "http.server.request.duration",
          { ...request, "http.response.status_code": 500, "error.type": "500" },
          1,
          0.5,
        ],
        ["http.server.request.duration", { ...request, "http.route": "/a" }, 1, 20],
      ],
    );
    assert.deepEqual([points[0]?.counts[6], points[2]?.counts[14]], [2, 1]);
    assert.deepEqual([points[0]?.min, points[0]?.max, points[0]?.unit], [0.25, 0.25, "s"]);
  });

  test("values that stand side by side are not taken for each other", () => {
    const { metrics, collect } = start();
    metrics.record(
      1,
      { "http.request.method": "GET", "url.scheme": undefined, "http.route": "x" },
      1,
      undefined,
    );
    metrics.record(1, { "http.request.method": "GET", "url.scheme": "x" }, 1, undefined);
    assert.equal(collect().length, 2);
  });

  test("a library without durations, and a record of none", () => {
    const { metrics, collect } = start();
    metrics.record(0, request, 1, undefined);
    metrics.record(7, request, 1, undefined);
    assert.deepEqual(collect(), []);
  });

  test("what has been collected stands still", () => {
    const { metrics, collect } = start();
    metrics.record(1, request, 0.001, undefined);
    const [first] = collect();
    metrics.record(1, request, 0.001, undefined);
    assert.deepEqual([first?.counts[0], first?.count], [1, 1]);
    assert.deepEqual([collect()[0]?.counts[0], collect()[0]?.count], [2, 2]);
  });

  test("exemplars are of sampled spans alone", () => {
    const { metrics, collect } = start();
    metrics.record(1, request, 0.02, undefined);
    assert.deepEqual(collect()[0]?.exemplars, []);
    const span = record();
    metrics.record(1, request, 0.02, span);
    const { traceId, spanId, endTime: time } = span;
    assert.deepEqual(collect()[0]?.exemplars, [{ value: 0.02, time, traceId, spanId }]);
  });

  test("too many sets of attributes: what comes behind them is one", () => {
    const { metrics, collect } = start();
    for (let round = 0; round < 2; round++)
      for (let i = 0; i < 5_000; i++)
        metrics.record(1, { ...request, "http.route": `/${i}` }, 0.25, undefined);
    const points = collect();
    assert.equal(points.length, 2_000);
    const rest = points.filter(({ attributes }) => attributes["otel.metric.overflow"] === true);
    assert.deepEqual(
      rest.map(({ attributes, count }) => [attributes, count]),
      [[{ "otel.metric.overflow": true }, 2 * (5_000 - 1_999)]],
    );
    assert.equal(
      points.reduce((sum, { count }) => sum + count, 0),
      10_000,
    );
  });

  test("every library's names are those of attributes that it writes, its boundaries ascend", () => {
    for (const { path, duration } of libraries) {
      if (duration === undefined) continue;
      assert.deepEqual(
        duration.boundaries,
        [...duration.boundaries].sort((a, b) => a - b),
        path,
      );
      assert.ok(new Set(duration.attributes).size === duration.attributes.length, path);
      assert.ok(!duration.attributes.some((name) => /path|full|query\.text|client\.|peer/.test(name)), path);
    }
  });
});
