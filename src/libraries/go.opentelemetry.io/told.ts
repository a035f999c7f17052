/** What an application told of a span, one item after the other: ebpf/libraries/go.opentelemetry.io/told.h. */
import { ToldItem, ToldKind } from "../../generated/shared.ts";
import type { RecordBytes, SpanFacts } from "../descriptor.ts";
import type { SpanValue } from "../span-parts.ts";
import { type ArrayOf, arrayOf, numberOf } from "./go-values.ts";

export interface Told {
  readonly kind: number;
  readonly number: bigint;
  readonly about: number;
  readonly text: string;
  /** The bytes of `text`. */
  readonly bytes: Buffer;
  readonly key: string;
  /** Of an attribute. */
  readonly value: SpanValue | undefined;
}

/** As told.h has them. */
const [unreadKey, unreadValue] = [1, 2];
const [maxKey, maxValue] = [128, 512];

const item = new ToldItem();

/** @throws RangeError for items that reach beyond the record */
export function readTold({ buffer, start, end }: RecordBytes, facts: SpanFacts): readonly Told[] {
  const told: Told[] = [];
  let array: string[] | undefined;
  for (let at = start; at < end; ) {
    const { kind, type, isArray, about, keyLength, valueLength, unread } = itemAt(buffer, at, end);
    const number = buffer.readBigUInt64LE(at);
    const key = at + ToldItem.size;
    const value = key + keyLength;
    at = value + valueLength;
    if (at > end) throw new RangeError("an item reaches beyond its record");
    const keyBytes = textBytes(buffer.subarray(key, value), unread & unreadKey, maxKey, facts);
    const bytes = textBytes(buffer.subarray(value, at), unread & unreadValue, maxValue, facts);
    const text = bytes.toString("utf8");
    if (kind === ToldKind.element) {
      array?.push(text);
      continue;
    }
    const read: ArrayOf = isArray ? arrayOf(type, bytes) : { value: numberOf(type, number) ?? text };
    array = read.texts;
    told.push({
      kind,
      number,
      about,
      text,
      bytes: Buffer.from(bytes),
      key: keyBytes.toString("utf8"),
      value: read.value,
    });
  }
  return told;
}

/** A constant that wasn't in memory yet is in the file. */
function textBytes(here: Buffer, isUnread: number, max: number, facts: SpanFacts): Buffer {
  if (isUnread === 0) return here;
  if (here.length !== 16) throw new RangeError("no place of a text");
  const [address, length] = [Number(here.readBigUInt64LE(0)), Number(here.readBigUInt64LE(8))];
  return Buffer.from(facts.constant(address, Math.min(length, max)) ?? []);
}

function itemAt(buffer: Buffer, start: number, end: number): ToldItem {
  if (start + ToldItem.size > end) throw new RangeError("an item that ends too early");
  return item.load({ buffer, start, end });
}
