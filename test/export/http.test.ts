import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import type { OtlpOptions } from "../../src/config/config.ts";
import type { ExportCounts } from "../../src/export/batcher.ts";
import { createOtlpExporter } from "../../src/export/otlp.ts";
import { type Answer, accept, freePort, startEndpoint, status } from "./support/endpoint.ts";
import { captureLog } from "./support/log.ts";
import { otlp, smallBatches } from "./support/options.ts";
import { decodeRequest, encodeResponse, spansOf } from "./support/otlp.ts";
import { record } from "./support/records.ts";
import { until } from "./support/wait.ts";

/** Tests run side by side: each looks only at the lines that name its own endpoint. */
const allLines = captureLog();
const linesOf = (port: number) => allLines.filter((line) => line.includes(`127.0.0.1:${port}`));

async function start(context: TestContext, options: Partial<OtlpOptions> = {}, answer: Answer = accept) {
  const endpoint = await startEndpoint({ answer });
  const exporter = await createOtlpExporter(otlp(endpoint.url, options), smallBatches);
  context.after(async () => {
    await exporter.shutdown(0);
    await endpoint.close();
  });
  return { endpoint, exporter };
}

function assertBalance({ added, exported, pending, dropped }: Readonly<ExportCounts>) {
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  assert.equal(added, exported + pending + lost, JSON.stringify({ added, exported, pending, dropped }));
}

function add(exporter: { add(span: ReturnType<typeof record>): void }, spans: number) {
  const ids: string[] = [];
  for (let i = 0; i < spans; i++) {
    const span = record();
    ids.push(span.spanId);
    exporter.add(span);
  }
  return ids;
}

describe("OTLP over HTTP", { concurrency: true }, () => {
  test("protobuf: every span once, in batches, with the headers", async (context) => {
    const { endpoint, exporter } = await start(context, { headers: { "x-tenant": "blue" } });
    const ids = add(exporter, 250);
    await exporter.flush(5000);
    const got = endpoint.received.flatMap(({ body }) =>
      spansOf(decodeRequest(body)).map(({ spanId }) => spanId),
    );
    assert.deepEqual(got.sort(), ids.sort());
    assert.equal(endpoint.received.length, 3);
    for (const { path, headers } of endpoint.received) {
      assert.equal(path, "/v1/traces");
      assert.equal(headers["content-type"], "application/x-protobuf");
      assert.equal(headers["x-tenant"], "blue");
    }
    assert.equal(exporter.counts.exported, 250);
    assertBalance(exporter.counts);
  });

  test("JSON", async (context) => {
    const { endpoint, exporter } = await start(context, { protocol: "http/json" });
    const span = record({ parentSpanId: "00f067aa0ba902b7", parentIsRemote: true, traceState: "a=b" });
    exporter.add(span);
    await exporter.flush(5000);
    const [received] = endpoint.received;
    assert.equal(received?.headers["content-type"], "application/json");
    const [sent] = spansOf(JSON.parse(String(received?.body)));
    assert.equal(sent?.traceId, span.traceId);
    assert.equal(sent?.parentSpanId, "00f067aa0ba902b7");
    assert.equal(sent?.traceState, "a=b");
    assert.equal(sent?.startTimeUnixNano, "1790000000123456789");
    assert.equal(sent?.flags, 0x301);
    assert.equal(exporter.counts.exported, 1);
  });

  test("gzip", async (context) => {
    const { endpoint, exporter } = await start(context, { compression: "gzip" });
    const ids = add(exporter, 3);
    await exporter.flush(5000);
    const [received] = endpoint.received;
    assert.equal(received?.headers["content-encoding"], "gzip");
    assert.deepEqual(
      spansOf(decodeRequest(received?.body ?? Buffer.of())).map(({ spanId }) => spanId),
      ids,
    );
  });

  test("spans go out without a flush, after the delay", async (context) => {
    const { exporter } = await start(context);
    add(exporter, 2);
    await until(() => exporter.counts.exported === 2, "the export");
  });

  test("rejected spans of a partial success are dropped, not exported", async (context) => {
    const partial = encodeResponse({ rejectedSpans: 2, errorMessage: "no \u001b[31mroom" });
    const { exporter, endpoint } = await start(context, {}, (response) => response.end(partial));
    add(exporter, 5);
    await exporter.flush(5000);
    endpoint.answer = accept;
    add(exporter, 5);
    await exporter.flush(5000);
    assert.equal(exporter.counts.exported, 3 + 5);
    assert.equal(exporter.counts.dropped.rejected, 2);
    assertBalance(exporter.counts);
    assert.match(linesOf(endpoint.port).join(""), /rejected 2 spans: no �\[31mroom/);
  });

  test("what a server repeats of our credentials is not shown", async (context) => {
    const key = "5f2c9a11bb";
    const said = encodeResponse({ rejectedSpans: 1, errorMessage: `no room for ${key}` });
    const headers = { authorization: `Bearer ${key}`, "x-tenant": "blue" };
    const partial = await start(context, { headers }, (response) => response.end(said));
    const refused = await start(context, { headers }, (response) =>
      response.writeHead(400).end(`blue: Bearer ${key} is no key, nor is ${key}`),
    );
    for (const { exporter } of [partial, refused]) {
      add(exporter, 2);
      await exporter.flush(5000);
    }
    assert.match(linesOf(partial.endpoint.port).join(""), /rejected 1 span: no room for REDACTED/);
    assert.match(linesOf(refused.endpoint.port).join(""), /blue: REDACTED is no key, nor is REDACTED/);
  });

  test("rejected spans in JSON; nonsense rejects no more than was sent", async (context) => {
    const { exporter, endpoint } = await start(context, { protocol: "http/json" }, (response) =>
      response.end('{"partialSuccess":{"rejectedSpans":"1"}}'),
    );
    add(exporter, 5);
    await exporter.flush(5000);
    assert.equal(exporter.counts.dropped.rejected, 1);
    for (const body of [
      '{"partialSuccess":{"rejectedSpans":-7}}',
      "null",
      '{"partialSuccess":7}',
      '{"partialSuccess":{"rejectedSpans":99}}',
    ]) {
      endpoint.answer = (response) => response.end(body);
      add(exporter, 1);
      await exporter.flush(5000);
    }
    assert.equal(exporter.counts.exported, 4 + 3);
    assert.equal(exporter.counts.dropped.rejected, 1 + 1);
    assertBalance(exporter.counts);
  });

  for (const protocol of ["http/json", "http/protobuf"] as const) {
    test(`a web page instead of an answer took no span, over ${protocol}`, async (context) => {
      const { exporter, endpoint } = await start(context, { protocol }, (response) =>
        response.end("<!doctype html>"),
      );
      add(exporter, 5);
      await exporter.flush(5000);
      assert.equal(exporter.counts.dropped.exportFailed, 5);
      endpoint.answer = accept;
      add(exporter, 5);
      await exporter.flush(5000);
      assert.equal(exporter.counts.exported, 5);
      assertBalance(exporter.counts);
      assert.match(linesOf(endpoint.port).join(""), /answers with a web page/);
    });
  }

  for (const code of [429, 503]) {
    test(`HTTP ${code} with Retry-After is tried again, and nothing is lost`, async (context) => {
      const { endpoint, exporter } = await start(context, {}, status(code, { "retry-after": "1" }));
      add(exporter, 10);
      await until(() => endpoint.received.length === 1, "the first attempt");
      endpoint.answer = accept;
      await exporter.flush(10_000);
      assert.equal(endpoint.received.length, 2);
      assert.equal(exporter.counts.exported, 10);
    });
  }

  test("a refusal is final: dropped, counted, said once", async (context) => {
    const { endpoint, exporter } = await start(context, {}, status(401));
    for (let i = 0; i < 5; i++) {
      add(exporter, 10);
      await exporter.flush(5000);
    }
    assert.equal(exporter.counts.dropped.exportFailed, 50);
    assertBalance(exporter.counts);
    const lines = linesOf(endpoint.port);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? "", /HTTP 401[\s\S]*OTEL_EXPORTER_OTLP_HEADERS/);
  });

  test("no more than four requests at once", async (context) => {
    const waiting: (() => void)[] = [];
    const { endpoint, exporter } = await start(context, {}, (response) => waiting.push(() => response.end()));
    add(exporter, 1000);
    await until(() => waiting.length === 4, "four requests");
    add(exporter, 200); // and no fifth while the loop turns
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(waiting.length, 4);
    for (const answer of waiting) answer();
    endpoint.answer = accept;
    await exporter.flush(5000);
    assert.equal(exporter.counts.exported, 1200);
  });

  test("an endpoint that never answers: spans are dropped after the timeout, and the next go out", async (context) => {
    const { endpoint, exporter } = await start(context, { timeoutMs: 300 }, () => {});
    add(exporter, 10);
    await exporter.flush(10_000);
    assert.equal(exporter.counts.dropped.exportFailed, 10);
    assert.match(linesOf(endpoint.port).join(""), /no complete answer within 0.3 s/);
    endpoint.answer = accept;
    add(exporter, 10);
    await exporter.flush(10_000);
    assert.equal(exporter.counts.exported, 10);
    assertBalance(exporter.counts);
  });

  test("an endpoint that answers a byte now and then holds nothing forever", async (context) => {
    const { endpoint, exporter } = await start(context, { timeoutMs: 300 }, (response) => {
      const timer = setInterval(() => response.write(" "), 50);
      response.on("close", () => clearInterval(timer));
    });
    add(exporter, 10);
    await exporter.flush(10_000);
    assert.equal(exporter.counts.dropped.exportFailed, 10);
    endpoint.answer = accept;
    add(exporter, 10);
    await exporter.flush(10_000);
    assert.equal(exporter.counts.exported, 10);
  });

  test("nobody there: bounded, counted, said at once; all that was kept goes out when somebody comes", async (context) => {
    const port = await freePort();
    const exporter = await createOtlpExporter(otlp(`http://127.0.0.1:${port}/v1/traces`), smallBatches);
    context.after(() => exporter.shutdown(0));
    add(exporter, 5000);
    const { pending, dropped } = exporter.counts;
    assert.equal(dropped.queueFull, 5000 - pending);
    assert.ok(pending <= 1000 + 4 * 100, `${pending} pending`);
    assert.ok(pending >= 1000, `${pending} pending`);
    await until(() => linesOf(port).length === 1, "the message");
    assert.match(
      linesOf(port)[0] ?? "",
      new RegExp(`nothing listens at 127\\.0\\.0\\.1:${port}[\\s\\S]*--console`),
    );
    const endpoint = await startEndpoint({ port });
    context.after(() => endpoint.close());
    await exporter.flush(10_000);
    assert.equal(exporter.counts.exported, pending);
    assert.equal(exporter.counts.pending, 0);
    assert.equal(endpoint.received.flatMap(({ body }) => spansOf(decodeRequest(body))).length, pending);
    assertBalance(exporter.counts);
    assert.match(linesOf(port).at(-1) ?? "", /again; none is lost so far/);
  });

  test("a shutdown ends in time, and what was not sent is counted", async (context) => {
    const { exporter } = await start(context, {}, () => {});
    add(exporter, 450);
    await exporter.shutdown(200);
    assert.equal(exporter.counts.dropped.shutdown, 450);
    assert.equal(exporter.counts.pending, 0);
    add(exporter, 1);
    assert.equal(exporter.counts.dropped.shutdown, 451);
    assertBalance(exporter.counts);
  });
});
