/** What is added to spans comes in records of its own, before the span's: ebpf/include/addition.h. */
import type { SpanStatus } from "@opentelemetry/api";
import { Addition } from "../generated/shared.ts";
import type { RecordBytes } from "../libraries/descriptor.ts";
import type { SpanAttributes, SpanEvent } from "../libraries/span-parts.ts";

/**
 * Of one target. More spans than there are requests in flight, and a fraction of a sidecar's memory. Of one span as many
 * records as an SDK's limit allows events: https://opentelemetry.io/docs/specs/otel/trace/sdk/#span-limits
 */
export const most = { spans: 16_384, bytes: 16 << 20, ofSpan: 128 } as const;

/** What the objects cost that are made of a record, beside its bytes. */
const overhead = 256;

/** Nanoseconds. A span that hasn't come by then, after all that was added to it, hardly ever will. */
export const patience = 60 * 60 * 1e9;

/** What one record adds. */
export interface AddedPart {
  readonly events: readonly SpanEvent[];
  readonly attributes: SpanAttributes | undefined;
  /** In place of the span's own. */
  readonly name?: string | undefined;
  readonly status?: SpanStatus | undefined;
}

export interface Added {
  /** In the order in which they came. */
  readonly parts: readonly AddedPart[];
  /** What there was no room for. */
  readonly droppedEvents: number;
  readonly droppedAttributes: number;
}

interface Waiting extends Added {
  readonly parts: AddedPart[];
  droppedEvents: number;
  droppedAttributes: number;
  /** Events and attributes that are here. */
  kept: number;
  bytes: number;
  /** CLOCK_MONOTONIC, of the last one. */
  atNs: number;
}

/** What has come for spans that haven't. Spans that will never come give way to newer ones. */
export class WaitingAdditions {
  /** Events and attributes whose span never came, or that had to give way before it did. */
  lost = 0;
  readonly #read: (record: RecordBytes) => AddedPart;
  /** By span id, in the order of their last addition. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #head = new Addition();
  #bytes = 0;

  /** `read` says what a record adds; it must keep none of its bytes. */
  constructor(read: (record: RecordBytes) => AddedPart) {
    this.#read = read;
  }

  /** How many spans are waited for. */
  get size(): number {
    return this.#waiting.size;
  }

  /** @throws RangeError for a record that is none, or ends too early */
  add(record: RecordBytes): void {
    const size = record.end - record.start;
    if (size < Addition.size) throw new RangeError("an addition ends too early");
    const { spanId, atNs, events, attributes } = this.#head.load(record);
    const waiting = this.#waiting.get(spanId) ?? begun();
    if (waiting.parts.length < most.ofSpan) {
      waiting.parts.push(this.#read(record));
      waiting.kept += events + attributes;
      waiting.bytes += size + overhead;
      this.#bytes += size + overhead;
    } else {
      waiting.droppedEvents += events;
      waiting.droppedAttributes += attributes;
    }
    waiting.atNs = atNs;
    this.#waiting.delete(spanId);
    this.#waiting.set(spanId, waiting);
    this.#makeRoom();
  }

  /** What was added to a span; it is forgotten. */
  take(spanId: string): Added | undefined {
    return this.#waiting.size === 0 ? undefined : this.#remove(spanId);
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
    if (this.#waiting.size <= most.spans && this.#bytes <= most.bytes) return;
    for (const spanId of this.#waiting.keys()) {
      if (this.#waiting.size <= most.spans && this.#bytes <= most.bytes) return;
      this.#giveUp(spanId);
    }
  }

  #giveUp(spanId: string): void {
    const { kept = 0, droppedEvents = 0, droppedAttributes = 0 } = this.#remove(spanId) ?? {};
    this.lost += kept + droppedEvents + droppedAttributes;
  }
}

function begun(): Waiting {
  return { parts: [], droppedEvents: 0, droppedAttributes: 0, kept: 0, bytes: 0, atNs: 0 };
}
