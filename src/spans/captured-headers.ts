/** Captured headers come in records of their own, before their span's: ebpf/include/captured_headers.h. */
import type { Attributes } from "@opentelemetry/api";
import { CapturedHeaders, CapturedValue, HeaderSet } from "../generated/shared.ts";
import type { RecordBytes } from "../libraries/descriptor.ts";
import { redactUrls } from "../libraries/http.ts";
import { isSecretHeader, redacted } from "../libraries/secret-names.ts";

/** Records that wait for their span: more than there are requests in flight, and a fraction of a sidecar's memory. */
const most = { records: 16_384, bytes: 16 << 20 } as const;

interface Waiting {
  readonly attributes: Attributes;
  readonly records: number;
  /** As they came from the kernel. */
  readonly bytes: number;
}

/** What has come for spans that haven't. Spans that will never come give way to newer ones. */
export class WaitingHeaders {
  /** Records that had to give way before their span came. */
  lost = 0;
  readonly #waiting = new Map<string, Waiting>();
  readonly #head = new CapturedHeaders();
  #bytes = 0;

  /** Throws a RangeError for a record that ends too early. */
  add(record: RecordBytes): void {
    const { spanId, set, length } = this.#head.load(record);
    const bytes = record.end - record.start;
    const before = this.#remove(spanId);
    const attributes = { ...before?.attributes, ...headersOf(record, prefixOf(set), length) };
    const records = (before?.records ?? 0) + 1;
    this.#waiting.set(spanId, { attributes, records, bytes: bytes + (before?.bytes ?? 0) });
    this.#bytes += bytes + (before?.bytes ?? 0);
    this.#makeRoom();
  }

  /** The attributes for a span, of which so many records were sent; they are forgotten. */
  take(spanId: string, records: number): Attributes {
    if (records === 0) return {};
    const found = this.#remove(spanId);
    this.lost += Math.max(0, records - (found?.records ?? 0));
    return found?.attributes ?? {};
  }

  #remove(spanId: string): Waiting | undefined {
    const found = this.#waiting.get(spanId);
    if (found === undefined) return undefined;
    this.#waiting.delete(spanId);
    this.#bytes -= found.bytes;
    return found;
  }

  #makeRoom(): void {
    for (const spanId of this.#waiting.keys()) {
      if (this.#waiting.size <= most.records && this.#bytes <= most.bytes) return;
      this.#remove(spanId);
    }
  }
}

function prefixOf(set: number): string {
  const isRequest = set === HeaderSet.serverRequest || set === HeaderSet.clientRequest;
  return isRequest ? "http.request.header." : "http.response.header.";
}

const value = new CapturedValue();

/** Attributes of the values that follow the head. */
function headersOf({ buffer, start, end }: RecordBytes, prefix: string, length: number): Attributes {
  const attributes: Record<string, string[]> = {};
  const limit = start + CapturedHeaders.size + length;
  if (limit > end) throw new RangeError("captured headers end too early");
  let name = "";
  for (let at = start + CapturedHeaders.size; at < limit; ) {
    const { nameLength, cut, length: valueLength } = value.load({ buffer, start: at, end });
    const nameAt = at + CapturedValue.size;
    const valueAt = nameAt + nameLength;
    at = valueAt + valueLength;
    if (at > limit) throw new RangeError("a captured header ends too early");
    if (nameLength > 0) name = buffer.toString("latin1", nameAt, valueAt).toLowerCase();
    const text = isSecretHeader(name) ? redacted : textOf(buffer.toString("utf8", valueAt, at), cut === 1);
    attributes[prefix + name] = [...(attributes[prefix + name] ?? []), text];
  }
  return attributes;
}

/** Without the rest of a character that was cut. */
function textOf(bytes: string, cut: boolean): string {
  return redactUrls(cut ? bytes.replace(/\ufffd$/, "") : bytes);
}
