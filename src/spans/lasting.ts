/**
 * Spans that no function's return ends, such as the processing of a message: their record comes when they begin, and
 * what ends them in small records later (ebpf/include/lasting.h). All times are nanoseconds of CLOCK_MONOTONIC.
 */
import { LastingNote, LastingSpan, LastingUntil } from "../generated/shared.ts";
import type { RecordBytes } from "../libraries/descriptor.ts";
import { PlacesOfLines } from "./lasting-lines.ts";

const second = 1e9;

/** Behind its goroutine's asking for the next one, what is not acknowledged by then has ended there. */
export const patience = 30 * second;

/** What has neither been acknowledged nor given way to another by then has ended, as far as anybody can tell. */
export const longest = 15 * 60 * second;

/** Of one target. A record has at most 1.3 KB: all of them 11 MB. */
export const most = 8192;

export interface Held {
  /** A copy of its record. */
  readonly bytes: Buffer;
  /** The id of the library that it is of. */
  readonly library: number;
  readonly spanId: string;
  readonly startNs: number;
  readonly goid: number;
  readonly line: string;
  readonly position: number;
  /** Until then it is acknowledged, or else ends where its goroutine asks for the next one. */
  readonly isAcknowledged: boolean;
  /** When its goroutine asked for the next one. */
  askedNs: number | undefined;
}

export type OnEnd = (held: Held, endNs: number) => void;

export class LastingSpans {
  /** Spans whose end nothing has told. */
  unseen = 0;
  readonly #onEnd: OnEnd;
  /** By span id, in the order of their beginning, oldest first. */
  readonly #held = new Map<string, Held>();
  /** What each goroutine has, of those that haven't asked for the next one. */
  readonly #current = new Map<number, Held>();
  /** Those that have and wait for their acknowledgement, in the order in which their goroutines have asked. */
  readonly #waiting = new Set<Held>();
  readonly #lines = new PlacesOfLines<Held>();
  readonly #span = new LastingSpan();
  readonly #note = new LastingNote();

  constructor(onEnd: OnEnd) {
    this.#onEnd = onEnd;
  }

  /** How many wait for their end. */
  get size(): number {
    return this.#held.size;
  }

  /** A record of the kind lasting_span: one begins, and its goroutine has no other any more. */
  begin(record: RecordBytes): void {
    const held = this.#read(record);
    this.#asked(held.goid, held.startNs);
    if (this.#held.size >= most) this.#endOldest(held.startNs);
    this.#held.set(held.spanId, held);
    this.#current.set(held.goid, held);
    if (held.isAcknowledged) this.#lines.add(held);
  }

  /** A record of the kind next_asked: a goroutine has done with the one that it had. */
  askNext(record: RecordBytes): void {
    const { goid, atNs } = this.#note.load(record);
    this.#asked(goid, atNs);
  }

  /**
   * A record of the kind acknowledged. What another goroutine acknowledges has been processed until then; what the
   * goroutine that has taken it does, which may be many at once, no longer than until it asked for the next one.
   */
  acknowledge(record: RecordBytes): void {
    const { goid, atNs, line, position } = this.#note.load(record);
    for (const held of this.#lines.upTo(line, position))
      this.#end(held, held.goid === goid ? Math.min(atNs, held.askedNs ?? atNs) : atNs);
  }

  /** Ends what waits in vain. */
  tick(nowNs: number): void {
    for (const held of this.#waiting) {
      if ((held.askedNs ?? nowNs) + patience > nowNs) break;
      this.#end(held, held.askedNs ?? nowNs);
    }
    for (const held of this.#held.values()) {
      if (held.startNs + longest > nowNs) break;
      this.#endUnseen(held, held.startNs + longest);
    }
  }

  /** Nothing more will be told of any, or of any of this library. */
  endAll(nowNs: number, library?: number): void {
    for (const held of this.#held.values())
      if (library === undefined || held.library === library) this.#end(held, held.askedNs ?? nowNs);
  }

  #read(record: RecordBytes): Held {
    if (record.end - record.start < LastingSpan.size) throw new RangeError("a record ends too early");
    const bytes = Buffer.from(record.buffer.subarray(record.start, record.end));
    const span = this.#span.load({ buffer: bytes, start: 0, end: bytes.length });
    return {
      bytes,
      library: span.spanRecordLibrary,
      spanId: span.spanSpanId,
      startNs: span.spanStartNs,
      goid: span.lastingGoid,
      line: span.lastingLine,
      position: span.lastingPosition,
      isAcknowledged: span.lastingUntil === LastingUntil.acknowledged,
      askedNs: undefined,
    };
  }

  #asked(goid: number, atNs: number): void {
    const held = this.#current.get(goid);
    if (held === undefined) return;
    this.#current.delete(goid);
    held.askedNs = atNs;
    if (held.isAcknowledged) this.#waiting.add(held);
    else this.#end(held, atNs);
  }

  #endOldest(nowNs: number): void {
    for (const held of this.#held.values()) {
      this.#endUnseen(held, held.askedNs ?? nowNs);
      return;
    }
  }

  #endUnseen(held: Held, endNs: number): void {
    this.unseen++;
    this.#end(held, endNs);
  }

  #end(held: Held, endNs: number): void {
    this.#held.delete(held.spanId);
    this.#waiting.delete(held);
    if (held.isAcknowledged) this.#lines.remove(held);
    if (this.#current.get(held.goid) === held) this.#current.delete(held.goid);
    // No end is before its beginning, whatever two processors' clocks say.
    this.#onEnd(held, Math.max(endNs, held.startNs));
  }
}
