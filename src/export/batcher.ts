/**
 * The bounded queue between the drain and the network. The SDK's BatchSpanProcessor has one export in flight and
 * only logs what it drops: at 50,000 spans/s it lost 10 to 44 %. This one has several, and counts.
 */
import type { SpanRecord } from "../spans/types.ts";
import type { BatchOptions } from "./options.ts";
import type { Payload, PayloadBuilder } from "./payload.ts";

/** What became of one request: `rejected` spans were refused though the request was accepted. */
export type SendResult =
  /** `cut`: it was taken, but the answer broke off, so that nobody knows what else it would have said. */
  | { readonly ok: true; readonly rejected: number; readonly message?: string; readonly cut?: true }
  | { readonly ok: false; readonly error: Error };

/** Sends one payload, with retries. Never throws; comes back within a bounded time. */
export type Send = (payload: Payload) => Promise<SendResult>;

export const dropReasons = ["queueFull", "exportFailed", "rejected", "notDrawn", "shutdown"] as const;
export type DropReason = (typeof dropReasons)[number];

/** added = exported + all dropped + pending, at any time. */
export interface ExportCounts {
  added: number;
  exported: number;
  /** Waiting or in flight. */
  pending: number;
  /** Exports that were given up. */
  failures: number;
  readonly dropped: Record<DropReason, number>;
}

export function newExportCounts(): ExportCounts {
  return {
    added: 0,
    exported: 0,
    pending: 0,
    failures: 0,
    dropped: { queueFull: 0, exportFailed: 0, rejected: 0, notDrawn: 0, shutdown: 0 },
  };
}

/** Four batches of 2,048 in flight are 80,000 spans/s at an endpoint that answers after 100 ms. */
const maxInFlight = 4;

/** A gRPC server refuses messages above 4 MiB by default; a quarter leaves room for wrong guesses of the size. */
const maxPayloadBytes = 1024 * 1024;

/**
 * Spans may be far larger than usual (long paths): the queue has a bound in bytes, too. With a dead endpoint and 30,000
 * requests a second the process levelled off at 85 MB over HTTP with 6 MiB, and at 103 MB with 12 MiB.
 */
const maxQueuedBytes = 8 * 1024 * 1024;

export interface BatcherParts {
  readonly builder: PayloadBuilder;
  readonly send: Send;
  readonly options: BatchOptions;
  /** Told of each finished export, after it was counted. */
  readonly onResult?: (result: SendResult, spans: number) => void;
}

export class Batcher {
  readonly #parts: BatcherParts;
  readonly #waiting: Payload[] = [];
  readonly #idleListeners: (() => void)[] = [];
  readonly counts = newExportCounts();
  #waitingSpans = 0;
  #waitingBytes = 0;
  #inFlight = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(parts: BatcherParts) {
    this.#parts = parts;
  }

  /** Takes a span or drops and counts it. Never waits, never throws. */
  add(span: SpanRecord): void {
    const { counts } = this;
    const { builder, options } = this.#parts;
    counts.added++;
    if (this.#closed) {
      counts.dropped.shutdown++;
    } else if (this.#isFull()) {
      counts.dropped.queueFull++;
    } else {
      builder.append(span);
      counts.pending++;
      if (builder.spans >= options.maxBatchSize || builder.size >= maxPayloadBytes) this.#seal();
      else this.#timer ??= setTimeout(() => this.#seal(), options.scheduleDelayMs);
    }
  }

  /** Sends all there is now and waits for the answers, at most `deadlineMs`. */
  async flush(deadlineMs: number): Promise<void> {
    if (this.#parts.builder.spans > 0) this.#seal();
    if (this.counts.pending === 0) return;
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(resolve, deadlineMs);
      this.#idleListeners.push(() => {
        clearTimeout(deadline);
        resolve();
      });
    });
  }

  /** Flushes, then counts what is still pending as dropped. Later spans are dropped, later answers change nothing. */
  async shutdown(deadlineMs: number): Promise<void> {
    if (this.#closed) return;
    await this.flush(deadlineMs);
    this.#closed = true;
    clearTimeout(this.#timer);
    this.counts.dropped.shutdown += this.counts.pending;
    this.counts.pending = 0;
    this.#waiting.length = 0;
  }

  #isFull(): boolean {
    const { builder, options } = this.#parts;
    return (
      this.#waitingSpans + builder.spans >= options.maxQueueSize ||
      this.#waitingBytes + builder.size >= maxQueuedBytes
    );
  }

  #seal(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const payload = this.#parts.builder.finish();
    this.#waiting.push(payload);
    this.#waitingSpans += payload.items;
    this.#waitingBytes += payload.bytes.length;
    this.#pump();
  }

  #pump(): void {
    while (this.#inFlight < maxInFlight) {
      const payload = this.#waiting.shift();
      if (payload === undefined) return;
      this.#waitingSpans -= payload.items;
      this.#waitingBytes -= payload.bytes.length;
      this.#inFlight++;
      void this.#parts.send(payload).then((result) => this.#finished(payload.items, result));
    }
  }

  #finished(spans: number, result: SendResult): void {
    this.#inFlight--;
    if (this.#closed) return;
    this.#count(spans, result);
    this.#parts.onResult?.(result, spans);
    this.#pump();
    if (this.counts.pending > 0) return;
    for (const listener of this.#idleListeners.splice(0)) listener();
  }

  #count(spans: number, result: SendResult): void {
    const { counts } = this;
    counts.pending -= spans;
    if (result.ok) {
      const rejected = Math.min(spans, Math.max(0, result.rejected));
      counts.exported += spans - rejected;
      counts.dropped.rejected += rejected;
    } else {
      counts.failures++;
      counts.dropped.exportFailed += spans;
    }
  }
}
