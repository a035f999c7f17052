/** What becomes of each record that the programs of one target send. */
import { RecordHeader, RecordKind } from "./generated/shared.ts";
import type { LateProbes } from "./late-probes.ts";
import type { LearnedReturns } from "./learned-returns.ts";
import type { RecordBytes, SpanFacts } from "./libraries/descriptor.ts";
import type { Attachment } from "./plan/types.ts";
import { log } from "./report/log.ts";
import type { SpanBuilder } from "./spans/builder.ts";
import type { WaitingHeaders } from "./spans/captured-headers.ts";
import type { SpanRecord } from "./spans/types.ts";

export interface RecordHandlerOptions {
  readonly attached: readonly Attachment[];
  readonly facts: SpanFacts;
  readonly builder: SpanBuilder;
  readonly headers: WaitingHeaders;
  readonly learned: LearnedReturns;
  readonly late: LateProbes;
  readonly onSpan: (span: SpanRecord) => void;
}

export class RecordHandler {
  /** Records that nothing could be made of. */
  malformed = 0;
  /** Records that were only measured. */
  unsampled = 0;
  readonly #options: RecordHandlerOptions;
  readonly #header = new RecordHeader();

  constructor(options: RecordHandlerOptions) {
    this.#options = options;
  }

  /** `buffer` is used again as soon as this returns. A target can't stop the agent by what it makes it read. */
  handle(buffer: Buffer, start: number, end: number): void {
    let span: SpanRecord | undefined;
    try {
      span = this.#take({ buffer, start, end });
    } catch (error) {
      this.malformed++;
      log.debug(`record left out: ${error}`);
    }
    if (span) this.#options.onSpan(span);
  }

  #take(record: RecordBytes): SpanRecord | undefined {
    const { attached, facts, builder, headers, learned, late } = this.#options;
    const { kind, library } = this.#header.load(record);
    switch (kind) {
      case RecordKind.unknownReturn:
        learned.learn(record);
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
      case RecordKind.library:
        attached[library]?.library.onRecord?.(record, facts);
        return undefined;
      default: {
        const span = builder.build(record);
        if (span === undefined) this.unsampled++;
        return span;
      }
    }
  }
}
