import type { RingReader } from "../kernel/index.ts";

/** Receives each record; `buffer` is used again as soon as it returns. */
export type RecordHandler = (buffer: Buffer, start: number, end: number) => void;

/** Milliseconds between two looks at the ring; a ring half full calls by itself before. */
const interval = 100;

/**
 * The same after `patience` looks that found nothing: most of what an idle agent costs is waking up, some 0.5 ms of a
 * core each time on a virtual machine.
 */
const idleInterval = 1000;
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
  #timer: NodeJS.Timeout;
  #emptyLooks = 0;
  #scheduled: NodeJS.Immediate | undefined;

  /** `beforeEach` is called before each look at the ring, to set the clock for instance. */
  constructor(reader: RingReader, beforeEach: () => void, handler: RecordHandler) {
    this.#reader = reader;
    this.#beforeEach = beforeEach;
    this.#handler = handler;
    this.#timer = setTimeout(() => this.#look(), interval);
    reader.onReady(() => this.#tick());
  }

  /** Stops looking, after having taken all that is there. The reader is closed. */
  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#scheduled);
    while (this.#take());
    this.#reader.close();
  }

  #look(): void {
    this.#emptyLooks++;
    this.#tick();
    this.#timer = setTimeout(() => this.#look(), this.#emptyLooks > patience ? idleInterval : interval);
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
