import type { RingReader } from "../kernel/index.ts";
import { everySecond } from "../target/every-second.ts";

/** Receives each record; `buffer` is used again as soon as it returns. */
export type RecordHandler = (buffer: Buffer, start: number, end: number) => void;

/** Milliseconds between two looks at the ring; a ring half full calls by itself before. */
const interval = 100;

/** After so many looks that found nothing, one a second is enough. */
const patience = 20;

/** Bytes that one look takes at most before timers and sockets have their turn. */
const portion = 256 * 1024;

/** A record is {u32 length, u32 zero, payload, padding to 8 bytes}: addon.ts, RingReader. */
const prefix = 8;

/** Moves records from the kernel's ring to a handler, by a timer and whenever the ring calls. */
export class Drain {
  readonly #reader: RingReader;
  readonly #handler: RecordHandler;
  readonly #buffer = Buffer.alloc(portion);
  readonly #beforeEach: () => void;
  #stopLooking: () => void;
  #emptyLooks = 0;
  #scheduled: NodeJS.Immediate | undefined;

  /** `beforeEach` is called before each look at the ring, to set the clock for instance. */
  constructor(reader: RingReader, beforeEach: () => void, handler: RecordHandler) {
    this.#reader = reader;
    this.#beforeEach = beforeEach;
    this.#handler = handler;
    this.#stopLooking = this.#lookOften();
    reader.onReady(() => this.#tick());
  }

  /** Stops looking, after having taken all that is there. The reader is closed. */
  stop(): void {
    this.#stopLooking();
    clearImmediate(this.#scheduled);
    while (this.#take());
    this.#reader.close();
  }

  #lookOften(): () => void {
    const timer = setInterval(() => {
      this.#look();
      if (this.#emptyLooks > patience) this.#change(this.#lookSeldom());
    }, interval);
    return () => clearInterval(timer);
  }

  #lookSeldom(): () => void {
    return everySecond(() => {
      this.#look();
      if (this.#emptyLooks === 0) this.#change(this.#lookOften());
    });
  }

  #change(stop: () => void): void {
    this.#stopLooking();
    this.#stopLooking = stop;
  }

  #look(): void {
    this.#emptyLooks++;
    this.#tick();
  }

  #tick(): void {
    if (this.#scheduled) return;
    if (this.#take()) {
      this.#scheduled = setImmediate(() => {
        this.#scheduled = undefined;
        this.#tick();
      });
    }
  }

  /** Whether more is waiting. */
  #take(): boolean {
    this.#beforeEach();
    const { bytes, more } = this.#reader.drain(this.#buffer);
    if (bytes > 0) this.#emptyLooks = 0;
    for (let at = 0; at < bytes; ) {
      const start = at + prefix;
      const end = start + this.#buffer.readUInt32LE(at);
      this.#handler(this.#buffer, start, end);
      at = (end + 7) & ~7;
    }
    return more;
  }
}
