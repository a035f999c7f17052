import type { Config, OtlpOptions } from "../config/config.ts";

/** Bounds of the queue in front of an endpoint. */
export interface BatchOptions {
  /** Spans that wait for their export, those in flight not counted (OTEL_BSP_MAX_QUEUE_SIZE). */
  readonly maxQueueSize: number;
  /** Spans in one export (OTEL_BSP_MAX_EXPORT_BATCH_SIZE). */
  readonly maxBatchSize: number;
  /** Longest wait of a span for company (OTEL_BSP_SCHEDULE_DELAY). */
  readonly scheduleDelayMs: number;
}

/**
 * A span is about 450 bytes as protobuf, so the queue's bound in bytes (batcher.ts) comes first, at some 18,000 spans, and a
 * batch is below the 4 MiB that a gRPC server takes by default. One drain at 50,000 spans/s hands over thousands of spans in one go, and on a busy host the endpoint
 * may not run for half a second: the SDKs' default queue of 2,048 would lose most of them. Batches of 512 cost a
 * fifth more CPU. The SDKs' delay of 5 s is long for somebody who watches.
 */
export const defaultBatchOptions: BatchOptions = {
  maxQueueSize: 32768,
  maxBatchSize: 2048,
  scheduleDelayMs: 1000,
};

/** What the user said, and defaults for the rest. */
export function batchOptions(said: Config["batch"]): BatchOptions {
  const maxQueueSize = said.maxQueueSize ?? defaultBatchOptions.maxQueueSize;
  return {
    maxQueueSize,
    maxBatchSize: Math.min(said.maxExportBatchSize ?? defaultBatchOptions.maxBatchSize, maxQueueSize),
    scheduleDelayMs: said.scheduleDelayMs ?? defaultBatchOptions.scheduleDelayMs,
  };
}

/** OTEL_BSP_EXPORT_TIMEOUT and OTEL_EXPORTER_OTLP_TIMEOUT both bound an export: the shorter one holds. */
export function otlpOptions({ otlp, batch }: Pick<Config, "otlp" | "batch">): OtlpOptions {
  const timeoutMs = Math.min(otlp.timeoutMs, batch.exportTimeoutMs ?? otlp.timeoutMs);
  return { ...otlp, timeoutMs };
}
