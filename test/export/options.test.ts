import assert from "node:assert/strict";
import { test } from "node:test";
import { createExporter } from "../../src/export/index.ts";
import { batchOptions, defaultBatchOptions, otlpOptions } from "../../src/export/options.ts";
import { startEndpoint } from "./support/endpoint.ts";
import { otlp } from "./support/options.ts";
import { record } from "./support/records.ts";

const unsaid = {
  maxQueueSize: undefined,
  maxExportBatchSize: undefined,
  scheduleDelayMs: undefined,
  exportTimeoutMs: undefined,
};

test("what the user says beats the defaults, and a batch fits into the queue", () => {
  assert.deepEqual(batchOptions(unsaid), defaultBatchOptions);
  assert.deepEqual(
    batchOptions({ ...unsaid, maxQueueSize: 7, maxExportBatchSize: 100, scheduleDelayMs: 3 }),
    {
      maxQueueSize: 7,
      maxBatchSize: 7,
      scheduleDelayMs: 3,
    },
  );
});

test("the shorter of the two timeouts holds", () => {
  const timeout = (timeoutMs: number, exportTimeoutMs: number | undefined) =>
    otlpOptions({ otlp: otlp("http://h", { timeoutMs }), batch: { ...unsaid, exportTimeoutMs } }).timeoutMs;
  assert.equal(timeout(10, undefined), 10);
  assert.equal(timeout(10, 5), 5);
  assert.equal(timeout(10, 30), 10);
});

test("no exporter: takes all, keeps nothing", async () => {
  const exporter = await createExporter({ exporter: "none", otlp: otlp("http://h"), batch: unsaid });
  exporter.add(record());
  await exporter.shutdown(0);
  assert.equal(exporter.counts.added, 1);
  assert.equal(exporter.counts.exported, 1);
});

test("otlp: the configuration reaches the endpoint", async (context) => {
  const endpoint = await startEndpoint();
  context.after(() => endpoint.close());
  const headers = { authorization: "Bearer x" };
  const exporter = await createExporter({
    exporter: "otlp",
    otlp: otlp(endpoint.url, { headers }),
    batch: unsaid,
  });
  exporter.add(record());
  await exporter.shutdown(5000);
  assert.equal(endpoint.received[0]?.headers.authorization, "Bearer x");
  assert.equal(exporter.counts.exported, 1);
});
