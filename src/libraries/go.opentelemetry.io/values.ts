/** Attributes in OTLP's JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
import { Double, type SpanAttributes, type SpanValue } from "../span-parts.ts";
import { at, isObject, type JsonObject, textOf } from "./json.ts";

/** Lists in lists and maps; what is deeper is left out. */
const maxDepth = 16;

export function attributesOf(list: readonly unknown[]): SpanAttributes {
  const attributes: Record<string, SpanValue> = {};
  for (const pair of list) {
    const value = isObject(pair) ? spanValue(pair.value, maxDepth) : undefined;
    if (value !== undefined && isObject(pair)) define(attributes, textOf(pair.key), value);
  }
  return attributes;
}

/** Assigning to it would set the object's prototype. */
const prototype = "__proto__";

function define(attributes: Record<string, SpanValue>, name: string, value: SpanValue): void {
  if (name !== prototype) attributes[name] = value;
  else
    Object.defineProperty(attributes, name, { value, enumerable: true, configurable: true, writable: true });
}

function pairs(list: readonly unknown[], depth: number): readonly (readonly [string, SpanValue])[] {
  return list.flatMap((pair) => {
    const value = isObject(pair) ? spanValue(pair.value, depth) : undefined;
    return value === undefined || !isObject(pair) ? [] : [[textOf(pair.key), value] as const];
  });
}

function spanValue(value: unknown, depth: number): SpanValue | undefined {
  if (!isObject(value) || depth === 0) return undefined;
  for (const kind in value) if (Object.hasOwn(readers, kind)) return readers[kind]?.(value[kind], depth - 1);
  return undefined;
}

const readers: Readonly<Record<string, (value: unknown, depth: number) => SpanValue | undefined>> = {
  stringValue: (value) => (typeof value === "string" ? value : undefined),
  boolValue: (value) => (typeof value === "boolean" ? value : undefined),
  intValue: integerOf,
  doubleValue: (value) => (typeof value === "number" ? new Double(value) : undefined),
  bytesValue: (value) => (typeof value === "string" ? Buffer.from(value, "base64") : undefined),
  arrayValue: (value, depth) => at(value, "values").map((each) => spanValue(each, depth)),
  kvlistValue: (value, depth) => new Map(pairs(at(value, "values"), depth)),
};

function integerOf(value: unknown): SpanValue | undefined {
  if (!/^-?\d{1,20}$/.test(String(value))) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(String(value));
}

/** The ids of a link; undefined when they are none, as those of a span that the agent has given its ids. */
export function linkedIds({ traceId, spanId }: JsonObject) {
  const ids = { traceId: textOf(traceId), spanId: textOf(spanId) };
  const isValid = /^(?!0+$)[0-9a-f]{32}$/.test(ids.traceId) && /^(?!0+$)[0-9a-f]{16}$/.test(ids.spanId);
  return isValid ? ids : undefined;
}
