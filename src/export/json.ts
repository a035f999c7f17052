import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { SpanRecord } from "../spans/types.ts";
import type { Payload, PayloadBuilder } from "./payload.ts";
import { toReadableSpan } from "./readable-span.ts";

/** About what a net/http server span takes as JSON; it only decides when a payload is large enough. */
const bytesPerSpan = 2048;

const nothing = new Uint8Array();

/** Collects spans and writes them as one JSON text when the payload is finished. */
export class JsonPayloadBuilder implements PayloadBuilder {
  #spans: ReadableSpan[] = [];

  get spans(): number {
    return this.#spans.length;
  }

  get size(): number {
    return this.#spans.length * bytesPerSpan;
  }

  append(span: SpanRecord): void {
    this.#spans.push(toReadableSpan(span));
  }

  finish(): Payload {
    const spans = this.#spans;
    this.#spans = [];
    return { spans: spans.length, bytes: JsonTraceSerializer.serializeRequest(spans) ?? nothing };
  }
}
