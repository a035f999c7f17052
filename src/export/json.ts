/**
 * OTLP as JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding. Ids are hex, 64-bit numbers are
 * texts. A span becomes text the moment it arrives, as in protobuf/payload.ts, and is put together from pieces: objects
 * for JSON.stringify take three times as long.
 */
import type { HrTime } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import {
  Double,
  type SpanAttributes,
  type SpanEvent,
  type SpanLink,
  type SpanValue,
} from "../libraries/span-parts.ts";
import type { SpanRecord } from "../spans/types.ts";
import { ByteText } from "./byte-text.ts";
import { linkFlags, spanFlags } from "./flags.ts";
import { type Group, SpanGroups } from "./groups.ts";
import type { Payload, PayloadBuilder } from "./payload.ts";

export class JsonPayloadBuilder implements PayloadBuilder {
  readonly #groups = new SpanGroups(() => new ByteText());
  spans = 0;
  size = 0;

  append(span: SpanRecord): void {
    const content = this.#groups.contentOf(span);
    const before = content.length;
    content.append((before > 0 ? "," : "") + spanText(span));
    this.spans++;
    this.size += content.length - before;
  }

  finish(): Payload {
    this.#groups.keepOnly(({ length }) => length > 0);
    const resources = this.#groups.byResource();
    const payload = { items: this.spans, bytes: requestBytes(resources) };
    for (const { content } of [...resources.values()].flat()) content.reset();
    this.spans = 0;
    this.size = 0;
    return payload;
  }
}

type Groups = readonly Group<ByteText>[];

function requestBytes(resources: ReadonlyMap<Resource, Groups>): Buffer {
  const pieces = [...resources].flatMap(([resource, groups], index) => [
    `${index > 0 ? "," : ""}{"resource":{"attributes":[${attributesText(resource.attributes)}]},"scopeSpans":[`,
    ...groups.flatMap(scopePieces),
    `]${schemaText(resource.schemaUrl)}}`,
  ]);
  const all = ['{"resourceSpans":[', ...pieces, "]}"];
  return Buffer.concat(all.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece)));
}

function scopePieces({ scope: { name, version, schemaUrl }, content }: Group<ByteText>, index: number) {
  const comma = index > 0 ? "," : "";
  return [
    `${comma}{"scope":${JSON.stringify({ name, version })},"spans":[`,
    content.written(),
    `]${schemaText(schemaUrl)}}`,
  ];
}

export function schemaText(url: string | undefined): string {
  return url ? `,"schemaUrl":${JSON.stringify(url)}` : "";
}

function spanText(span: SpanRecord): string {
  const { traceState, parentSpanId, status } = span;
  return (
    `{"traceId":"${span.traceId}","spanId":"${span.spanId}"` +
    (traceState ? `,"traceState":${JSON.stringify(traceState)}` : "") +
    (parentSpanId ? `,"parentSpanId":"${parentSpanId}"` : "") +
    // Kind 0 is "unspecified" on the wire, "internal" in the API.
    `,"name":${JSON.stringify(span.name)},"kind":${span.kind + 1}` +
    `,"startTimeUnixNano":"${nanoseconds(span.startTime)}","endTimeUnixNano":"${nanoseconds(span.endTime)}"` +
    attributesOf(span) +
    partsText("Events", span.events?.map(eventText), span.droppedEvents) +
    partsText("Links", span.links?.map(linkText), span.droppedLinks) +
    `,"status":${statusText(status)},"flags":${spanFlags(span)}}`
  );
}

function attributesOf({
  attributes,
  droppedAttributes,
}: Pick<SpanEvent, "attributes" | "droppedAttributes">) {
  const dropped = droppedAttributes > 0 ? `,"droppedAttributesCount":${droppedAttributes}` : "";
  return `,"attributes":[${attributesText(attributes)}]${dropped}`;
}

function partsText(name: "Events" | "Links", parts: readonly string[] = [], dropped = 0): string {
  const list = parts.length > 0 ? `,"${name.toLowerCase()}":[${parts.join()}]` : "";
  return dropped > 0 ? `${list},"dropped${name}Count":${dropped}` : list;
}

function eventText(event: SpanEvent): string {
  const { time, name } = event;
  return `{"timeUnixNano":"${nanoseconds(time)}","name":${JSON.stringify(name)}${attributesOf(event)}}`;
}

function linkText(link: SpanLink): string {
  const { traceId, spanId, traceState } = link;
  const state = traceState ? `,"traceState":${JSON.stringify(traceState)}` : "";
  return `{"traceId":"${traceId}","spanId":"${spanId}"${state}${attributesOf(link)},"flags":${linkFlags(link)}}`;
}

function statusText({ code, message }: SpanRecord["status"]): string {
  return message ? `{"code":${code},"message":${JSON.stringify(message)}}` : `{"code":${code}}`;
}

export function nanoseconds([seconds, rest]: HrTime): string {
  return `${seconds}${String(rest).padStart(9, "0")}`;
}

export function attributesText(attributes: SpanAttributes): string {
  let text = "";
  for (const key in attributes) {
    const value = attributes[key];
    if (value === undefined) continue;
    text += `${text && ","}${keyText(key)}${valueText(value)}}`;
  }
  return text;
}

/** Beginnings of attributes by key; more keys than the conventions have are not kept. */
const keyTexts = new Map<string, string>();
const maxKeys = 256;

function keyText(key: string): string {
  const known = keyTexts.get(key);
  if (known !== undefined) return known;
  const text = `{"key":${JSON.stringify(key)},"value":`;
  if (keyTexts.size < maxKeys) keyTexts.set(key, text);
  return text;
}

function valueText(value: SpanValue | null | undefined): string {
  switch (typeof value) {
    case "string":
      return `{"stringValue":${JSON.stringify(value)}}`;
    case "boolean":
      return `{"boolValue":${value}}`;
    case "bigint":
      return `{"intValue":"${value}"}`;
    case "number":
      return Number.isInteger(value) ? `{"intValue":"${value}"}` : doubleText(value);
    default:
      return value === null || value === undefined ? "{}" : compoundText(value);
  }
}

function compoundText(value: Exclude<SpanValue, string | boolean | bigint | number>): string {
  if (value instanceof Double) return doubleText(value.value);
  if (value instanceof Uint8Array) return `{"bytesValue":"${Buffer.from(value).toString("base64")}"}`;
  if (value instanceof Map) return `{"kvlistValue":{"values":[${pairsText(value)}]}}`;
  return Array.isArray(value) ? `{"arrayValue":{"values":[${value.map(valueText).join()}]}}` : "{}";
}

function pairsText(map: ReadonlyMap<string, SpanValue>): string {
  return [...map].map(([key, value]) => `{"key":${JSON.stringify(key)},"value":${valueText(value)}}`).join();
}

/** NaN and the infinities are texts in protobuf's JSON. */
function doubleText(value: number): string {
  return `{"doubleValue":${JSON.stringify(Number.isFinite(value) ? value : String(value))}}`;
}
