/** What becomes of each record that the programs of one target send. */

import { RecordHeader, RecordKind, SpanHeader } from "../generated/shared.ts";
import { type BpfMap, u64 } from "../kernel/index.ts";
import type { RecordBytes, SpanFacts } from "../libraries/descriptor.ts";
import type { Attachment } from "../plan/types.ts";
import { log } from "../report/log.ts";
import type { WaitingAdditions } from "../spans/additions.ts";
import type { SpanBuilder } from "../spans/builder.ts";
import type { WaitingHeaders } from "../spans/captured-headers.ts";
import { type Held, LastingSpans } from "../spans/lasting.ts";
import type { SpanRecord } from "../spans/types.ts";
import { forgetOperations } from "./forget-operations.ts";
import type { LateProbes } from "./late-probes.ts";
import type { LearnedReturns } from "./learned-returns.ts";
import type { Left } from "./library-switch.ts";

export interface RecordHandlerOptions {
  readonly attached: readonly Attachment[];
  readonly facts: SpanFacts;
  readonly builder: SpanBuilder;
  readonly headers: WaitingHeaders;
  readonly additions: WaitingAdditions;
  readonly learned: LearnedReturns;
  readonly late: LateProbes;
  /** A record of the kind unknown_goroutine. */
  readonly onGoroutine: (record: RecordBytes) => void;
  /** Tables that all libraries of the target share. */
  readonly mapOf: (name: string) => BpfMap | undefined;
  readonly onSpan: (span: SpanRecord) => void;
}

const spanHeader = new SpanHeader();

export class RecordHandler {
  /** Records that nothing could be made of. */
  malformed = 0;
  /** Records that were only measured. */
  unsampled = 0;
  readonly lasting = new LastingSpans((held, endNs) => this.#end(held, endNs));
  readonly #options: RecordHandlerOptions;
  readonly #header = new RecordHeader();

  constructor(options: RecordHandlerOptions) {
    this.#options = options;
  }

  /** `buffer` is used again as soon as this returns. A target can't stop the agent by what it makes it read. */
  handle(buffer: Buffer, start: number, end: number): void {
    this.#handle(() => this.#take({ buffer, start, end }));
  }

  #handle(take: () => SpanRecord | undefined): void {
    let span: SpanRecord | undefined;
    try {
      span = take();
    } catch (error) {
      this.malformed++;
      log.debug(`record left out: ${error}`);
    }
    if (span) this.#options.onSpan(span);
  }

  /** From here on it is nobody's parent, also where its goroutine still has it. */
  #end({ bytes, goid, askedNs }: Held, endNs: number): void {
    if (askedNs === undefined) forgetOperations([operationOf(bytes, goid)], this.#options.mapOf);
    this.#handle(() => this.#build({ buffer: bytes, start: 0, end: bytes.length }, endNs));
  }

  #build(record: RecordBytes, endNs?: number): SpanRecord | undefined {
    const span = this.#options.builder.build(record, endNs);
    if (span === undefined) this.unsampled++;
    return span;
  }

  #take(record: RecordBytes): SpanRecord | undefined {
    const { attached, facts, headers, additions, learned, late } = this.#options;
    const { kind, library } = this.#header.load(record);
    switch (kind) {
      case RecordKind.unknownReturn:
        learned.learn(record);
        return undefined;
      case RecordKind.unknownGoroutine:
        this.#options.onGoroutine(record);
        return undefined;
      case RecordKind.routesWanted:
        late.attachRouters();
        return undefined;
      case RecordKind.lateWanted:
        late.attachOf(library);
        return undefined;
      case RecordKind.capturedHeaders:
        headers.add(record);
        return undefined;
      case RecordKind.addition:
        additions.add(record);
        return undefined;
      case RecordKind.library:
        attached[library]?.library.onRecord?.(record, facts);
        return undefined;
      case RecordKind.lastingSpan:
        this.lasting.begin(record);
        return undefined;
      case RecordKind.nextAsked:
        this.lasting.askNext(record);
        return undefined;
      case RecordKind.acknowledged:
        this.lasting.acknowledge(record);
        return undefined;
      default:
        return this.#build(record);
    }
  }
}

/** As tables by goroutine know it. */
function operationOf(bytes: Buffer, goid: number): Left[number] {
  const { traceId, spanId } = spanHeader.load({ buffer: bytes, start: 0, end: bytes.length });
  return { goid: u64(goid), ids: Buffer.from(traceId + spanId, "hex") };
}
