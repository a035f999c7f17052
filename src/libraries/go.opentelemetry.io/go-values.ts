/** Values as Go has them in memory, by the kinds of their types. */
import type { HrTime } from "@opentelemetry/api";
import { kinds } from "../../binary/go-facts/kinds.ts";
import { Double, type SpanValue } from "../span-parts.ts";

export interface ArrayOf {
  readonly value: SpanValue | undefined;
  /** The same list, where its texts come one by one. */
  readonly texts?: string[];
}

/** Bytes and reader of an array's elements. */
const elements: Readonly<Record<number, readonly [number, (bytes: Buffer, at: number) => SpanValue]>> = {
  [kinds.bool.value]: [1, (bytes, at) => bytes[at] !== 0],
  [kinds.int.value]: [8, (bytes, at) => whole(bytes.readBigInt64LE(at))],
  [kinds.int32.value]: [4, (bytes, at) => bytes.readInt32LE(at)],
  [kinds.int64.value]: [8, (bytes, at) => whole(bytes.readBigInt64LE(at))],
  [kinds.uint.value]: [8, (bytes, at) => whole(bytes.readBigUInt64LE(at))],
  [kinds.uint32.value]: [4, (bytes, at) => bytes.readUInt32LE(at)],
  [kinds.uint64.value]: [8, (bytes, at) => whole(bytes.readBigUInt64LE(at))],
  [kinds.float32.value]: [4, (bytes, at) => new Double(bytes.readFloatLE(at))],
  [kinds.float64.value]: [8, (bytes, at) => new Double(bytes.readDoubleLE(at))],
};

export function arrayOf(kind: number, bytes: Buffer): ArrayOf {
  if (kind === kinds.string.value) {
    const texts: string[] = [];
    return { value: texts, texts };
  }
  const [size, read] = elements[kind] ?? [];
  if (size === undefined || read === undefined) return { value: undefined };
  const count = Math.floor(bytes.length / size);
  return { value: Array.from({ length: count }, (_, index) => read(bytes, index * size)) };
}

/** A word that holds a value of this kind; undefined for a text. */
export function numberOf(kind: number, word: bigint): SpanValue | undefined {
  const [, read] = elements[kind] ?? [];
  if (read === undefined) return undefined;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(word);
  return read(bytes, 0);
}

function whole(value: bigint): SpanValue {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Seconds from the year 1 to 1970, and to 1885, from which a time with a monotonic reading counts. */
const unixToYear1 = 62_135_596_800n;
const year1885 = 59_453_308_800n;

/**
 * A time.Time: https://github.com/golang/go/blob/go1.27.4/src/time/time.go, "wall and ext". Undefined for times that
 * no span has: those before 1970.
 */
export function timeOf(bytes: Buffer): HrTime | undefined {
  if (bytes.length < 16) return undefined;
  const [wall, ext] = [bytes.readBigUInt64LE(0), bytes.readBigInt64LE(8)];
  const hasMonotonic = wall >> 63n === 1n;
  const seconds = (hasMonotonic ? year1885 + ((wall >> 30n) & 0x1_ffff_ffffn) : ext) - unixToYear1;
  return seconds > 0n && seconds < 1n << 34n ? [Number(seconds), Number(wall & 0x3fff_ffffn)] : undefined;
}
