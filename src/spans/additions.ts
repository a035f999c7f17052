/** What is added to spans comes in records of its own, before the span's: ebpf/include/addition.h. */
import { Addition } from "../generated/shared.ts";
import type { RecordBytes } from "../libraries/descriptor.ts";

/**
 * Of one target. More spans than there are requests in flight, and a fraction of a sidecar's memory. Of one span as many
 * records as an SDK's limit allows events: https://opentelemetry.io/docs/specs/otel/trace/sdk/#span-limits
 */
export const most = { spans: 16_384, bytes: 16 << 20, ofSpan: 128 } as const;

/** What an object costs beside the bytes of its record. */
const overhead = 128;

/** Nanoseconds. A span that hasn't come by then, after all that was added to it, hardly ever will. */
export const patience = 60 * 60 * 1e9;

export interface Added {
  /** Copies, in the order in which they came. */
  readonly records: readonly RecordBytes[];
  /** What there was no room for. */
  readonly droppedEvents: number;
  readonly droppedAttributes: number;
}

interface Waiting extends Added {
  readonly records: RecordBytes[];
  droppedEvents: number;
  droppedAttributes: number;
  bytes: number;
  /** CLOCK_MONOTONIC, of the last one. */
  atNs: number;
}

const none: Added = { records: [], droppedEvents: 0, droppedAttributes: 0 };

/** What has come for spans that haven't. Spans that will never come give way to newer ones. */
export class WaitingAdditions {
  /** Events and attributes whose span never came, or that had to give way before it did. */
  lost = 0;
  /** By span id, in the order of their last addition. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #head = new Addition();
  #bytes = 0;

  /** How many spans are waited for. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Keeps a copy. @throws RangeError for a record that ends too early */
  add(record: RecordBytes): void {
    const { buffer, start, end } = record;
    if (end - start < Addition.size) throw new RangeError("an addition ends too early");
    const { spanId, atNs, events, attributes } = this.#head.load(record);
    const waiting = this.#remove(spanId) ?? { ...none, records: [], bytes: 0, atNs };
    waiting.atNs = atNs;
    if (waiting.records.length < most.ofSpan) {
      // Not out of the pool: what stays of that would keep all of its 8 KB.
      const bytes = Buffer.alloc(end - start);
      buffer.copy(bytes, 0, start, end);
      waiting.records.push({ buffer: bytes, start: 0, end: bytes.length });
      waiting.bytes += bytes.length + overhead;
    } else {
      waiting.droppedEvents += events;
      waiting.droppedAttributes += attributes;
    }
    this.#waiting.set(spanId, waiting);
    this.#bytes += waiting.bytes;
    this.#makeRoom();
  }

  /** What was added to a span; it is forgotten. */
  take(spanId: string): Added {
    return this.#remove(spanId) ?? none;
  }

  /** Gives up what has waited too long. */
  tick(nowNs: number): void {
    for (const [spanId, { atNs }] of this.#waiting) {
      if (atNs + patience > nowNs) return;
      this.#giveUp(spanId);
    }
  }

  #remove(spanId: string): Waiting | undefined {
    const found = this.#waiting.get(spanId);
    if (found === undefined) return undefined;
    this.#waiting.delete(spanId);
    this.#bytes -= found.bytes;
    return found;
  }

  #makeRoom(): void {
    for (const spanId of this.#waiting.keys()) {
      if (this.#waiting.size <= most.spans && this.#bytes <= most.bytes) return;
      this.#giveUp(spanId);
    }
  }

  #giveUp(spanId: string): void {
    const { records = [], droppedEvents = 0, droppedAttributes = 0 } = this.#remove(spanId) ?? {};
    const kept = records
      .map((record) => this.#head.load(record))
      .map((head) => head.events + head.attributes);
    this.lost += kept.reduce((sum, count) => sum + count, droppedEvents + droppedAttributes);
  }
}
