import { RuleRecord } from "../../generated/libraries/rules.ts";
import type { RecordBytes, SpanFacts } from "../descriptor.ts";
import { Double, type SpanAttributes, type SpanValue } from "../span-parts.ts";
import type { RuledValue } from "./ruled-function.ts";

const word = 8;
/** Bytes of `struct text`. */
const textSize = 4;
/** MAX_VALUE_TEXT of ebpf/libraries/rules/rules.h, bytes: one of this length may have been cut. */
const longest = 256;

/** The values that were there; a nil pointer on the way to one leaves it out. */
export function readValues(
  values: readonly RuledValue[],
  record: RuleRecord,
  bytes: RecordBytes,
  facts: SpanFacts,
): SpanAttributes {
  const { present } = record;
  const numbers = Buffer.from(record.numbers, "hex");
  const places = Buffer.from(record.values, "hex");
  // No name that a rule may choose is there before.
  const found: Record<string, SpanValue> = Object.create(null);
  for (const [index, value] of values.entries()) {
    if ((present & (1 << index)) === 0) continue;
    const read =
      value.kind === "text"
        ? textAt(places, index * textSize, bytes)
        : value.kind === "type"
          ? facts.typeName(addressAt(numbers, index * word))
          : numberAt(numbers, index * word, value);
    if (read !== undefined) found[value.attribute] = read;
  }
  return found;
}

function textAt(places: Buffer, at: number, { buffer, start, end }: RecordBytes): string {
  const from = start + RuleRecord.size + places.readUInt16LE(at);
  const to = from + places.readUInt16LE(at + 2);
  const text = to > end ? "" : buffer.toString("utf8", from, to);
  // Without the rest of a character that was cut.
  return to - from < longest ? text : text.replace(/\ufffd$/, "");
}

function addressAt(numbers: Buffer, at: number): number {
  return Number(numbers.readBigUInt64LE(at));
}

/** A register holds more than the value's own bytes. */
function numberAt(numbers: Buffer, at: number, { kind, size }: RuledValue): SpanValue {
  if (kind === "bool") return numbers.readUInt8(at) !== 0;
  // 3.0 must not become a whole number: of one attribute all values are of one type.
  if (kind === "float") return new Double(size === 4 ? numbers.readFloatLE(at) : numbers.readDoubleLE(at));
  if (size <= 4) return kind === "int" ? numbers.readIntLE(at, size) : numbers.readUIntLE(at, size);
  const value = kind === "int" ? numbers.readBigInt64LE(at) : numbers.readBigUInt64LE(at);
  return inSpan(value);
}

const largestInteger = 2n ** 63n - 1n;

/** Spans hold whole numbers of 64 bits with a sign, and JavaScript's have 53 bits. */
function inSpan(value: bigint): SpanValue {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  return value > largestInteger ? String(value) : value;
}
