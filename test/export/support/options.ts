import type { OtlpOptions } from "../../../src/config/config.ts";
import type { BatchOptions } from "../../../src/export/options.ts";

export function otlp(endpoint: string, more: Partial<OtlpOptions> = {}): OtlpOptions {
  return {
    endpoint,
    protocol: "http/protobuf",
    headers: {},
    timeoutMs: 10_000,
    compression: "none",
    ...more,
  };
}

export const smallBatches: BatchOptions = { maxQueueSize: 1000, maxBatchSize: 100, scheduleDelayMs: 20 };
