/** A span of which the application told one thing after the other: ebpf/libraries/go.opentelemetry.io/api_span.h. */
import { type HrTime, SpanKind, type SpanStatus, SpanStatusCode } from "@opentelemetry/api";
import { ATTR_EXCEPTION_MESSAGE, ATTR_EXCEPTION_TYPE } from "@opentelemetry/semantic-conventions";
import { ApiSpanRecord, ToldAddition, ToldKind } from "../../generated/shared.ts";
import type { LibrarySpan, RecordBytes, SpanAddition, SpanFacts } from "../descriptor.ts";
import type { LibraryEvent, SpanValue } from "../span-parts.ts";
import { timeOf } from "./go-values.ts";
import { isOfMiddleware, scopeNamed } from "./scope.ts";
import { readTold, type Told } from "./told.ts";

/** Go's codes.Code: https://github.com/open-telemetry/opentelemetry-go/blob/v1.32.0/codes/codes.go */
const errorCode = 1n;
const okCode = 2n;

interface MadeEvent {
  readonly name: string;
  time: LibraryEvent["time"];
  readonly attributes: Record<string, SpanValue | undefined>;
  readonly droppedAttributes: number;
}

/** Takes what is told, in its order. */
class Draft {
  name = "";
  scope = "";
  kind = SpanKind.INTERNAL;
  status: SpanStatus = { code: SpanStatusCode.UNSET };
  startTime: HrTime | undefined;
  endTime: HrTime | undefined;
  readonly attributes: Record<string, SpanValue | undefined> = {};
  readonly events: MadeEvent[] = [];
  readonly #facts: SpanFacts;

  constructor(facts: SpanFacts) {
    this.#facts = facts;
  }

  take(told: Told): void {
    const { kind, text, key, value, number, bytes } = told;
    switch (kind) {
      case ToldKind.name:
        this.name = text;
        break;
      case ToldKind.scope:
        this.scope = text;
        break;
      case ToldKind.spanKind:
        this.kind = kindOf(number);
        break;
      case ToldKind.startTime:
        this.startTime = timeOf(bytes);
        break;
      case ToldKind.endTime:
        this.endTime = timeOf(bytes);
        break;
      case ToldKind.status:
        this.status = laterStatus(this.status, number, text);
        break;
      case ToldKind.attribute:
        this.attributes[key] = value;
        break;
      default:
        this.#takeEvent(told);
    }
  }

  #takeEvent({ kind, text, key, value, number, bytes, about }: Told): void {
    const last = this.events.at(-1);
    if (kind === ToldKind.event) this.#begin(text, number, {});
    else if (kind === ToldKind.error)
      this.#begin("exception", number, {
        [ATTR_EXCEPTION_TYPE]: this.#facts.typeName(about),
        [ATTR_EXCEPTION_MESSAGE]: text || undefined,
      });
    else if (last && kind === ToldKind.eventAttribute) last.attributes[key] = value;
    else if (last && kind === ToldKind.eventTime) last.time = timeOf(bytes) ?? last.time;
  }

  #begin(name: string, seenNs: bigint, attributes: MadeEvent["attributes"]): void {
    this.events.push({ name, time: { seenNs: Number(seenNs) }, attributes, droppedAttributes: 0 });
  }
}

/** @throws RangeError for what no program of ours has written */
export function apiSpan(record: RecordBytes, facts: SpanFacts): LibrarySpan {
  const { toldDroppedAttributes, toldDroppedEvents } = new ApiSpanRecord().load(record);
  const draft = new Draft(facts);
  for (const told of readTold({ ...record, start: record.start + ApiSpanRecord.size }, facts))
    draft.take(told);
  const { name, kind, attributes, status, startTime, endTime, events } = draft;
  const scope = scopeNamed(draft.scope);
  return {
    name,
    kind,
    attributes,
    droppedAttributes: toldDroppedAttributes,
    events,
    droppedEvents: toldDroppedEvents,
    status,
    traceState: undefined,
    scope,
    ofMiddleware: isOfMiddleware(scope),
    startTime,
    endTime,
  };
}

/**
 * What is told of a span that is the agent's: ebpf/libraries/go.opentelemetry.io/otel/trace/current.
 * @throws RangeError as above
 */
export function currentAddition(record: RecordBytes, facts: SpanFacts): SpanAddition {
  const draft = new Draft(facts);
  for (const told of readTold({ ...record, start: record.start + ToldAddition.size }, facts))
    draft.take(told);
  const { name, attributes, events, status } = draft;
  return {
    attributes,
    events: events.map(({ time, ...event }) => ({ ...event, ...("seenNs" in time ? {} : { time }) })),
    ...(name && { name }),
    ...(status.code !== SpanStatusCode.UNSET && { status }),
  };
}

/** The API's kinds begin with "unspecified" and have the server's third. */
function kindOf(number: bigint): SpanKind {
  const kind = Number(number) - 1;
  return kind in SpanKind ? kind : SpanKind.INTERNAL;
}

/** Ok stays; an error beats none; a description is an error's: https://opentelemetry.io/docs/specs/otel/trace/api/#set-status */
function laterStatus(before: SpanStatus, code: bigint, message: string): SpanStatus {
  if (before.code === SpanStatusCode.OK) return before;
  if (code === okCode) return { code: SpanStatusCode.OK };
  if (code === errorCode) return { code: SpanStatusCode.ERROR, ...(message && { message }) };
  return before;
}
