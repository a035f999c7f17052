import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import grpc from "@grpc/grpc-js";
import type { OtlpOptions } from "../../src/config/config.ts";
import { createOtlpExporter } from "../../src/export/otlp.ts";
import { freePort, startEndpoint } from "./support/endpoint.ts";
import { acceptGrpc, failGrpc, type GrpcAnswer, startGrpcEndpoint } from "./support/grpc-endpoint.ts";
import { captureLog } from "./support/log.ts";
import { otlp, smallBatches } from "./support/options.ts";
import { decodeRequest, encodeResponse, spansOf } from "./support/otlp.ts";
import { record } from "./support/records.ts";
import { until } from "./support/wait.ts";

const allLines = captureLog();
const linesOf = (port: number) => allLines.filter((line) => line.includes(`127.0.0.1:${port}`)).join("");

async function connect(context: TestContext, port: number, options: Partial<OtlpOptions> = {}) {
  const exporter = await createOtlpExporter(
    otlp(`http://127.0.0.1:${port}`, { protocol: "grpc", ...options }),
    smallBatches,
  );
  context.after(() => exporter.shutdown(0));
  return exporter;
}

async function start(
  context: TestContext,
  options: Partial<OtlpOptions> = {},
  answer: GrpcAnswer = acceptGrpc,
) {
  const endpoint = await startGrpcEndpoint({ answer });
  context.after(() => endpoint.close());
  return { endpoint, exporter: await connect(context, endpoint.port, options) };
}

describe("OTLP over gRPC", { concurrency: true }, () => {
  for (const compression of ["none", "gzip"] as const) {
    test(`every span once, with the headers; compression ${compression}`, async (context) => {
      const { endpoint, exporter } = await start(context, { compression, headers: { "x-tenant": "blue" } });
      const ids = Array.from({ length: 250 }, () => {
        const span = record();
        exporter.add(span);
        return span.spanId;
      });
      await exporter.flush(5000);
      const got = endpoint.received.flatMap(({ body }) =>
        spansOf(decodeRequest(body)).map(({ spanId }) => spanId),
      );
      assert.deepEqual(got.sort(), ids.sort());
      assert.deepEqual(endpoint.received[0]?.metadata.get("x-tenant"), ["blue"]);
      assert.equal(exporter.counts.exported, 250);
    });
  }

  test("UNAVAILABLE is tried again, and nothing is lost", async (context) => {
    const { endpoint, exporter } = await start(context, {}, failGrpc(grpc.status.UNAVAILABLE, "soon"));
    exporter.add(record());
    await until(() => endpoint.received.length === 1, "the first attempt");
    endpoint.answer = acceptGrpc;
    await exporter.flush(10_000);
    assert.equal(endpoint.received.length, 2);
    assert.equal(exporter.counts.exported, 1);
  });

  test("UNAUTHENTICATED is final", async (context) => {
    const { endpoint, exporter } = await start(
      context,
      {},
      failGrpc(grpc.status.UNAUTHENTICATED, "who are you"),
    );
    exporter.add(record());
    await exporter.flush(10_000);
    assert.equal(endpoint.received.length, 1);
    assert.equal(exporter.counts.dropped.exportFailed, 1);
    assert.match(linesOf(endpoint.port), /who are you[\s\S]*OTEL_EXPORTER_OTLP_HEADERS/);
  });

  test("rejected spans of a partial success are dropped", async (context) => {
    const partial = encodeResponse({ rejectedSpans: 1, errorMessage: "" });
    const { exporter } = await start(context, {}, (callback) => callback(null, partial));
    for (let i = 0; i < 3; i++) exporter.add(record());
    await exporter.flush(5000);
    assert.equal(exporter.counts.exported, 2);
    assert.equal(exporter.counts.dropped.rejected, 1);
  });

  test("an endpoint that never answers", async (context) => {
    const { endpoint, exporter } = await start(context, { timeoutMs: 300 }, () => {});
    exporter.add(record());
    await exporter.flush(5000);
    assert.equal(exporter.counts.dropped.exportFailed, 1);
    assert.match(linesOf(endpoint.port), /no complete answer within 0.3 s/);
    endpoint.answer = acceptGrpc;
    exporter.add(record());
    await exporter.flush(5000);
    assert.equal(exporter.counts.exported, 1);
  });

  test("nobody there, then somebody comes", async (context) => {
    const port = await freePort();
    const exporter = await connect(context, port);
    for (let i = 0; i < 5000; i++) exporter.add(record());
    const { pending } = exporter.counts;
    assert.equal(exporter.counts.dropped.queueFull, 5000 - pending);
    await until(() => linesOf(port).includes("nothing listens at"), "the message");
    const endpoint = await startGrpcEndpoint({ port });
    context.after(() => endpoint.close());
    await exporter.flush(15_000);
    assert.equal(exporter.counts.exported, pending);
  });

  test("an HTTP/1 server: says which protocol to try", async (context) => {
    const endpoint = await startEndpoint();
    context.after(() => endpoint.close());
    const exporter = await connect(context, endpoint.port, { timeoutMs: 1500 });
    exporter.add(record());
    await exporter.flush(10_000);
    assert.equal(exporter.counts.dropped.exportFailed, 1);
    assert.match(linesOf(endpoint.port), /does not speak gRPC[\s\S]*--protocol http\/protobuf/);
  });

  test("a gRPC server spoken to in HTTP/1: says which protocol to try", async (context) => {
    const endpoint = await startGrpcEndpoint();
    context.after(() => endpoint.close());
    const exporter = await createOtlpExporter(
      otlp(`http://127.0.0.1:${endpoint.port}/v1/traces`, { timeoutMs: 1500 }),
      smallBatches,
    );
    context.after(() => exporter.shutdown(0));
    exporter.add(record());
    await exporter.flush(10_000);
    assert.equal(exporter.counts.dropped.exportFailed, 1);
    assert.match(linesOf(endpoint.port), /does not speak HTTP\/1[\s\S]*--protocol grpc/);
  });
});
