/**
 * Operations whose goroutine has ended without their end, as one does that panics in the middle of a call: nothing in
 * the program would ever give their places back. They are looked for only when a library has so many under way that its
 * table may become full, and cost the program nothing. The same of messages that a goroutine had when it ended, of which
 * the agent isn't told: those that are not sampled.
 */
import { type Counts, inFlight } from "../drain/counters.ts";
import { OpenSpan } from "../generated/shared.ts";
import { type BpfMap, idBytes, type KernelSession } from "../kernel/index.ts";
import type { Attachment } from "../plan/types.ts";
import { TargetMemory } from "../target/memory.ts";
import { forgetOperations } from "./forget-operations.ts";

/** Milliseconds between two looks at whether there are many. One takes 50 ms when there are 8,192. */
const interval = 5000;

/** The same for messages. */
const messagesInterval = 30_000;

/** Three quarters of the smallest table. */
const many = 6144;

/** A key is the goroutine's id, with the level of a call within a call in its two highest bits. */
const idMask = (1n << 62n) - 1n;

export interface GoneGoroutinesOptions {
  readonly pid: number;
  /** A library's id is its place. */
  readonly attachments: readonly Attachment[];
  readonly kernel: KernelSession;
  readonly countsOf: (id: number) => Counts;
}

export class GoneGoroutines {
  readonly #options: GoneGoroutinesOptions;
  /** By library's id: operations that were given up. */
  readonly #givenUp: number[];
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #span = new OpenSpan();

  /** Looks now and then until `close`. */
  constructor(options: GoneGoroutinesOptions) {
    this.#options = options;
    this.#givenUp = options.attachments.map(() => 0);
    this.#timers = [
      setInterval(() => this.#look(), interval).unref(),
      setInterval(() => this.#forgetMessages(), messagesInterval).unref(),
    ];
  }

  /** Of the library with this id, how many operations have been given up. */
  givenUp(id: number): number {
    return this.#givenUp[id] ?? 0;
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #look(): void {
    const { attachments, countsOf } = this.#options;
    const full = attachments.filter((_, id) => inFlight(countsOf(id)) >= many);
    const memory = full.length > 0 ? TargetMemory.open(this.#options.pid) : undefined;
    if (memory === undefined) return;
    for (const attachment of full) this.#giveUp(attachment, memory);
    memory.close();
  }

  #giveUp({ library, fields }: Attachment, memory: TargetMemory): void {
    const goidOffset = fields.get("g_goid")?.offset;
    if (goidOffset === undefined) return;
    const { kernel, attachments } = this.#options;
    const id = attachments.findIndex((attachment) => attachment.library === library);
    const parts = kernel.partTables(library.name);
    for (const table of kernel.operationTables(library.name)) {
      const gone = this.#gone(table, (g) => memory.word(g + goidOffset));
      for (const { key } of gone) table.delete(key);
      for (const { goid, spans } of gone) forgetParts(parts, goid, spans);
      forgetOperations(gone, (name) => kernel.map(name));
      this.#givenUp[id] = gone.reduce((sum, { spans }) => sum + Math.max(spans, 1), this.givenUp(id));
      table.close();
    }
    for (const table of parts) table.close();
  }

  /** Requests have no goroutine's struct with them, and end with a call. */
  #forgetMessages(): void {
    const { pid, attachments, kernel } = this.#options;
    const requests = kernel.map("open_requests");
    const goid = attachments.flatMap(({ fields }) => fields.get("g_goid") ?? [])[0];
    if (requests === undefined || goid === undefined || requests.keys(1).length === 0) return;
    const memory = TargetMemory.open(pid);
    for (const { key } of this.#gone(requests, (g) => memory?.word(g + goid.offset))) requests.delete(key);
    memory?.close();
  }

  /**
   * Entries whose goroutine has ended. Go never gives the memory of a goroutine's struct back, and no id a second time:
   * the struct has been given to another one, if its id is another. `goidAt` reads it.
   */
  #gone(table: BpfMap, goidAt: (g: number) => bigint | undefined) {
    return table.keys(table.info.maxEntries).flatMap((key) => {
      const value = table.lookup(key);
      if (value === undefined || value.length < OpenSpan.size) return [];
      const { g, spans } = this.#span.load({ buffer: value, start: 0, end: value.length });
      const id = key.readBigUInt64LE() & idMask;
      const now = g === 0 ? undefined : goidAt(g);
      if (now === undefined || now === id) return [];
      const goid = Buffer.alloc(8);
      goid.writeBigUInt64LE(id);
      return [{ key, goid, spans, ids: value.subarray(0, idBytes) }];
    });
  }
}

/** What an operation has kept for each of its spans. */
function forgetParts(tables: readonly BpfMap[], goid: Buffer, spans: number): void {
  for (let index = 0; index < spans; index++) {
    const key = Buffer.alloc(16);
    goid.copy(key);
    key.writeBigUInt64LE(BigInt(index), 8);
    for (const table of tables) table.delete(key);
  }
}
