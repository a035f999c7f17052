import type { InstrumentationScope } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import { ParentKind, SpanHeader } from "../generated/shared.ts";
import type { Library, RecordBytes, SpanFacts } from "../libraries/descriptor.ts";
import type { Clock } from "./clock.ts";
import { type AttributeLimits, limited } from "./limits.ts";
import type { SpanRecord } from "./types.ts";

export interface BuilderOptions {
  /** A record's library is an index into these. */
  readonly libraries: readonly { readonly library: Library; readonly scope: InstrumentationScope }[];
  readonly resource: Resource;
  readonly clock: Clock;
  readonly facts: SpanFacts;
  readonly limits: AttributeLimits;
}

/** Makes spans of one target's records. */
export class SpanBuilder {
  readonly #options: BuilderOptions;
  readonly #header = new SpanHeader();

  constructor(options: BuilderOptions) {
    this.#options = options;
  }

  build(record: RecordBytes): SpanRecord {
    const { libraries, resource, clock, facts, limits } = this.#options;
    const header = this.#header.load(record);
    const origin = libraries[header.recordLibrary];
    const toSpan = origin?.library.toSpan;
    if (origin === undefined || toSpan === undefined)
      throw new RangeError(`a record of library ${header.recordLibrary}, which makes no spans`);
    const { name, kind, attributes, status, traceState } = toSpan(record, facts);
    const parent = header.parent;
    return {
      traceId: header.traceId,
      spanId: header.spanId,
      parentSpanId: parent === ParentKind.none ? undefined : header.parentSpanId,
      parentIsRemote: parent === ParentKind.remote,
      traceFlags: header.traceFlags,
      traceState,
      name,
      kind,
      startTime: clock.toHrTime(header.startNs),
      endTime: clock.toHrTime(header.endNs),
      ...limited(attributes, limits),
      status,
      scope: origin.scope,
      resource,
    };
  }
}
