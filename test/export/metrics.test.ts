// Metrics to real endpoints: what reaches them, and what the user reads when they refuse.
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { OtlpOptions } from "../../src/config/config.ts";
import { createMetricExporter } from "../../src/export/metrics.ts";
import { createOtlpMetricExporter } from "../../src/export/metrics-otlp.ts";
import { partsOf } from "../../src/export/metrics-parts.ts";
import { metricsPayload } from "../../src/export/metrics-payload.ts";
import { metricsAccount } from "../../src/report/metrics.ts";
import { type Answer, accept, freePort, startEndpoint, status } from "./support/endpoint.ts";
import { startGrpcEndpoint } from "./support/grpc-endpoint.ts";
import { captureLog } from "./support/log.ts";
import { droppedOf, fakeSource, histogram, point } from "./support/metrics.ts";
import { otlp } from "./support/options.ts";
import { encodeResponse } from "./support/otlp.ts";
import { until } from "./support/wait.ts";

const allLines = captureLog();
const linesOf = (port: number) => allLines.filter((line) => line.includes(`127.0.0.1:${port}`));

async function connect(context: TestContext, port: number, options: Partial<OtlpOptions> = {}) {
  const path = options.protocol === "grpc" ? "" : "/v1/metrics";
  const exporter = await createOtlpMetricExporter({
    otlp: otlp(`http://127.0.0.1:${port}${path}`, { timeoutMs: 1000, ...options }),
    intervalMs: 20,
  });
  context.after(() => exporter.shutdown(0));
  return exporter;
}

async function start(context: TestContext, options: Partial<OtlpOptions> = {}, answer: Answer = accept) {
  const endpoint = await startEndpoint({ answer });
  context.after(() => endpoint.close());
  return { endpoint, exporter: await connect(context, endpoint.port, options) };
}

describe("metrics over OTLP", { concurrency: true }, () => {
  test("not wanted: no exporter", async () => {
    assert.equal(await createMetricExporter({ metrics: undefined }), undefined);
  });

  test("path, content type and headers", async (context) => {
    const { endpoint, exporter } = await start(context, { headers: { "x-tenant": "blue" } });
    exporter.add(fakeSource(point()));
    await until(() => exporter.counts.exported >= 2, "two exports");
    const [{ path, headers } = {}] = endpoint.received;
    assert.equal(path, "/v1/metrics");
    assert.equal(headers?.["content-type"], "application/x-protobuf");
    assert.equal(headers?.["x-tenant"], "blue");
  });

  test("an endpoint that takes traces only: said once, and what to do; counted", async (context) => {
    const { endpoint, exporter } = await start(context, {}, status(404));
    exporter.add(fakeSource(point(), point()));
    await until(() => exporter.counts.dropped.exportFailed >= 6, "three failures");
    const said = linesOf(endpoint.port);
    assert.equal(said.length, 1, said.join(""));
    assert.match(
      said[0] ?? "",
      /metric values cannot be sent to http:\/\/127\.0\.0\.1:\d+\/v1\/metrics\n {2}why: the endpoint takes no metrics at \/v1\/metrics \(HTTP 404\)\n {2}still works: .*traces.*\n {2}next: .*pipeline for metrics/,
    );
    endpoint.answer = accept;
    await until(() => exporter.counts.exported >= 2, "an export");
    assert.match(linesOf(endpoint.port).at(-1) ?? "", /are sent to .* again; \d+ metric values lost/);
  });

  test("a gRPC endpoint that takes traces only", async (context) => {
    const endpoint = await startGrpcEndpoint();
    context.after(() => endpoint.close());
    const exporter = await connect(context, endpoint.port, { protocol: "grpc" });
    exporter.add(fakeSource(point()));
    await until(() => exporter.counts.dropped.exportFailed >= 1, "a failure");
    assert.match(linesOf(endpoint.port).join(""), /takes no metrics[\s\S]*pipeline for metrics/);
  });

  test("nobody there: later values go out when somebody comes", async (context) => {
    const port = await freePort();
    const exporter = await connect(context, port);
    exporter.add(fakeSource(point()));
    await until(() => linesOf(port).length > 0, "the message");
    assert.match(linesOf(port)[0] ?? "", /nothing listens at[\s\S]*OTEL_EXPORTER_OTLP_METRICS_ENDPOINT/);
    assert.doesNotMatch(linesOf(port)[0] ?? "", /--console/);
    const endpoint = await startEndpoint({ port });
    context.after(() => endpoint.close());
    await until(() => exporter.counts.exported > 0, "an export");
  });

  const partial = encodeResponse({ rejectedSpans: 1, errorMessage: "quota" }); // on the wire both signals' are alike
  const json = '{"partialSuccess":{"rejectedDataPoints":"1","errorMessage":"quota"}}';
  for (const [protocol, body] of [
    ["http/protobuf", partial],
    ["http/json", json],
  ] as const)
    test(`rejected points are dropped, not exported: ${protocol}`, async (context) => {
      const { endpoint, exporter } = await start(context, { protocol }, (response) => response.end(body));
      exporter.add(fakeSource(point(), point(), point()));
      await until(() => exporter.counts.exported >= 4, "two exports");
      assert.equal(exporter.counts.dropped.rejected * 2, exporter.counts.exported);
      assert.match(linesOf(endpoint.port).join(""), /rejected 1 metric value: quota/);
    });

  test("the end says what was lost", async (context) => {
    const { endpoint, exporter } = await start(context, {}, status(400));
    exporter.add(fakeSource(point()));
    await until(() => endpoint.received.length > 0, "a request");
    await exporter.shutdown(5000);
    const lost = exporter.counts.received;
    assert.deepEqual(droppedOf(exporter.counts), { exportFailed: lost });
    const account = `metric values ${lost} = 0 exported + ${lost} dropped (export failed)`;
    assert.equal(metricsAccount(exporter.counts), account);
    assert.ok(
      allLines.some((line) => line.includes(account)),
      allLines.join(""),
    );
  });

  test("the largest export fits into what gRPC servers take", () => {
    const resource = resourceFromAttributes({ "service.name": "x".repeat(100) });
    const attributes = Object.fromEntries(
      Array.from({ length: 5 }, (_, i) => [`db.client.connection.k${i}`, "some-name-of-a-pool"]),
    );
    const time: [number, number] = [1_790_000_000, 0];
    const readings = Array.from({ length: 10_000 }, (_, value) => ({
      ...point({ resource, attributes, value }),
      time,
    }));
    const { bytes, items } = metricsPayload(readings, "protobuf");
    assert.equal(items, 10_000);
    assert.ok(bytes.length < 4 * 1024 * 1024, `${bytes.length} bytes`);
    const boundaries = Array.from({ length: 14 }, (_, i) => i);
    const exemplars = Array.from({ length: 15 }, () => ({
      value: 0.1,
      time,
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b7ad6b7169203331",
    }));
    const durations = Array.from({ length: 2_500 }, () => ({
      ...histogram({ resource, attributes, boundaries, counts: [...boundaries, 1], exemplars }),
      time,
    }));
    for (const part of partsOf(durations))
      assert.ok(metricsPayload(part, "protobuf").bytes.length < 4 * 1024 * 1024);
  });
});
