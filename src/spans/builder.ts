import { TraceFlags } from "@opentelemetry/api";
import type { InstrumentationScope } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import { ParentKind, SpanHeader } from "../generated/shared.ts";
import type { Library, LibrarySpan, RecordBytes, SpanFacts } from "../libraries/descriptor.ts";
import type { LibraryEvent, SpanAttributes, SpanEvent, SpanLink } from "../libraries/span-parts.ts";
import { withAdded } from "./added.ts";
import type { WaitingAdditions } from "./additions.ts";
import type { WaitingHeaders } from "./captured-headers.ts";
import type { Clock } from "./clock.ts";
import { Doubled } from "./doubled.ts";
import { type AttributeLimits, limited, limitedParts } from "./limits.ts";
import type { SpanRecord } from "./types.ts";

export interface BuilderOptions {
  /** A record's library is an index into these. */
  readonly libraries: readonly { readonly library: Library; readonly scope: InstrumentationScope }[];
  readonly resource: Resource;
  readonly clock: Clock;
  readonly facts: SpanFacts;
  readonly limits: AttributeLimits;
  /** Told of every record, with all attributes; the span is only there when it is sampled. */
  readonly onMeasured?:
    | ((library: number, attributes: SpanAttributes, seconds: number, span: SpanRecord | undefined) => void)
    | undefined;
  readonly headers: WaitingHeaders;
  readonly additions: WaitingAdditions;
}

/** Makes spans of one target's records. */
export class SpanBuilder {
  readonly #options: BuilderOptions;
  readonly #header = new SpanHeader();
  readonly #doubled = new Doubled();

  constructor(options: BuilderOptions) {
    this.#options = options;
  }

  /**
   * Undefined for one that the sampler has left out: it was only to be measured. `endNs` is its end, of CLOCK_MONOTONIC,
   * where the record doesn't know it.
   */
  build(record: RecordBytes, endNs?: number): SpanRecord | undefined {
    const { libraries, facts, onMeasured } = this.#options;
    const header = this.#header.load(record);
    const { library, scope } = libraries[header.recordLibrary] ?? {};
    if (scope === undefined || library?.toSpan === undefined)
      throw new RangeError(`a record of library ${header.recordLibrary}, which makes no spans`);
    const own = library.toSpan(record, facts);
    const isSampled = (header.traceFlags & TraceFlags.SAMPLED) !== 0;
    const end = endNs ?? header.endNs;
    const span = isSampled ? this.#spanOf(header, end, own, scope) : undefined;
    if (!own.isNotMeasured)
      onMeasured?.(header.recordLibrary, own.attributes, (end - header.startNs) / 1e9, span);
    return span;
  }

  #spanOf(header: SpanHeader, endNs: number, made: LibrarySpan, scope: InstrumentationScope): SpanRecord {
    const { resource, clock, limits, headers, additions } = this.#options;
    const events = made.events?.map((event) => timed(event, clock));
    const own = withAdded({ ...made, events }, additions.take(header.spanId));
    const { name, attributes, status, traceState } = own;
    const captured = headers.take(header.spanId, header.captured);
    const parent = header.parent;
    return {
      traceId: header.traceId,
      spanId: header.spanId,
      parentSpanId: parent === ParentKind.none ? undefined : header.parentSpanId,
      parentIsRemote: parent === ParentKind.remote,
      traceFlags: header.traceFlags,
      traceState,
      name,
      kind: this.#doubled.kindOf(own, header),
      startTime: own.startTime ?? clock.toHrTime(header.startNs),
      endTime: own.endTime ?? clock.toHrTime(endNs),
      ...limited(
        header.captured > 0 ? { ...attributes, ...captured } : attributes,
        limits,
        own.droppedAttributes,
      ),
      ...limitedParts({ ...own, links: linksOf(header, own) }, limits),
      status,
      scope: own.scope ?? scope,
      resource,
    };
  }
}

/** All zero where there is none. */
const noSpanId = "0".repeat(16);

/** With the one to what its goroutine was started for, and has ended. */
function linksOf(
  { linkSpanId: spanId, linkTraceId: traceId }: SpanHeader,
  { links }: Pick<LibrarySpan, "links">,
) {
  if (spanId === noSpanId) return links;
  const link: SpanLink = {
    traceId,
    spanId,
    traceState: undefined,
    traceFlags: TraceFlags.SAMPLED,
    attributes: {},
    droppedAttributes: 0,
  };
  return [...(links ?? []), link];
}

function timed(event: LibraryEvent, clock: Clock): SpanEvent {
  const { time } = event;
  return { ...event, time: "seenNs" in time ? clock.toHrTime(time.seenNs) : time };
}
