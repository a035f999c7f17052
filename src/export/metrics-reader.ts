/** From values as they stand to exports at an interval. Old values are worth nothing, so there is no queue. */
import { millisToHrTime } from "@opentelemetry/core";
import type { SendResult } from "./batcher.ts";
import type { Reading } from "./metrics-data.ts";
import { partsOf } from "./metrics-parts.ts";
import { pointsOf } from "./metrics-read.ts";
import type { MetricCounts, MetricExporter, MetricSource } from "./metrics-types.ts";

/** Points of one export: 1.3 MB of protobuf with two attributes each (gRPC servers take 4 MiB), written in 50 ms. */
const maxPoints = 10_000;

export interface MetricReaderParts {
  /** Sends the readings; comes back within a bounded time. */
  readonly send: (readings: readonly Reading[]) => Promise<SendResult>;
  readonly intervalMs: number;
  /** Told of each finished export, after it was counted. */
  readonly onResult?: (result: SendResult, points: number) => void;
}

export class MetricReader implements MetricExporter {
  readonly #parts: MetricReaderParts;
  readonly #sources = new Set<MetricSource>();
  readonly #timer: NodeJS.Timeout;
  /** What is to be sent next: last values of sources that were removed. */
  #waiting: Reading[] = [];
  #running: Promise<void> | undefined;
  #closed = false;
  readonly counts: MetricCounts = {
    received: 0,
    exported: 0,
    pending: 0,
    failures: 0,
    dropped: { tooMany: 0, notFinite: 0, exportFailed: 0, rejected: 0, shutdown: 0 },
  };

  constructor(parts: MetricReaderParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.tick(), parts.intervalMs).unref();
  }

  add(source: MetricSource): () => void {
    this.#sources.add(source);
    return () => {
      if (this.#sources.delete(source) && !this.#closed) this.#read(source);
    };
  }

  /** One export, unless the one before still runs: the next will have newer values. */
  tick(): void {
    if (this.#running) return;
    this.#running = this.#export().finally(() => {
      this.#running = undefined;
    });
  }

  async shutdown(deadlineMs: number): Promise<void> {
    if (this.#closed) return;
    clearInterval(this.#timer);
    for (const source of this.#sources) this.#read(source);
    this.#sources.clear();
    await within(
      deadlineMs,
      (async () => {
        await this.#running;
        await this.#export();
      })(),
    );
    this.#closed = true;
    this.counts.dropped.shutdown += this.counts.pending;
    this.counts.pending = 0;
    this.#waiting = [];
  }

  async #export(): Promise<void> {
    for (const source of this.#sources) this.#read(source);
    const readings = this.#waiting;
    if (readings.length === 0 || this.#closed) return;
    this.#waiting = [];
    let failed: SendResult | undefined;
    for (const part of partsOf(readings)) {
      const result: SendResult = failed ?? (await this.#parts.send(part).catch(failure));
      if (this.#closed) return;
      this.#count(part.length, result);
      // What is behind a part that fails is not tried: the endpoint has a problem.
      if (failed) continue;
      if (!result.ok) {
        failed = result;
        this.counts.failures++;
      }
      this.#parts.onResult?.(result, part.length);
    }
  }

  /** Adds the source's values to what waits, as far as there is room. */
  #read(source: MetricSource): void {
    const { counts } = this;
    const time = millisToHrTime(Date.now());
    for (const point of pointsOf(source)) {
      counts.received++;
      if (!Number.isFinite(point.kind === "histogram" ? point.sum : point.value)) counts.dropped.notFinite++;
      else if (this.#waiting.length >= maxPoints) counts.dropped.tooMany++;
      else {
        counts.pending++;
        this.#waiting.push({ ...point, time });
      }
    }
  }

  #count(points: number, result: SendResult): void {
    const { counts } = this;
    counts.pending -= points;
    if (result.ok) {
      const rejected = Math.min(points, result.rejected);
      counts.exported += points - rejected;
      counts.dropped.rejected += rejected;
    } else {
      counts.dropped.exportFailed += points;
    }
  }
}

/** A value that cannot be written must not end the agent. */
function failure(error: unknown): SendResult {
  return { ok: false, error: error instanceof Error ? error : new Error(String(error)) };
}

/** Until `work` is done or the time is up. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, deadline]);
  clearTimeout(timer);
}
