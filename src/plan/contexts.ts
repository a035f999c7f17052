import type { GoBinary, Itab, RuntimeTypes, StructType } from "../binary/types.ts";
import { ContextKind, encodeContextRule } from "../generated/shared.ts";

/** How to get from a context.Context of one type to its parent: ebpf/include/context.h. Offsets in bytes. Or what a value in one is. */
export interface ContextRule {
  /** Full name of the type, with its "*" for a pointer. */
  readonly type: string;
  /** Addresses in the file: of the type's itab for context.Context, if it has one, and of the type. */
  readonly keys: readonly number[];
  readonly kind: keyof typeof ContextKind;
  readonly parent: number;
  /** Of the pointer to the struct that has the parent. */
  readonly through?: number | undefined;
  /** Of the value that a context.WithValue keeps; of a span, of the byte that says that it is remote. */
  readonly value?: number | undefined;
}

const contextInterface = "context.Context";
const spanInterface = "go.opentelemetry.io/otel/trace.Span";

/** Where the spans of OpenTelemetry's own SDK keep their SpanContext, which begins with the ids. */
const applicationSpans: Readonly<Record<string, string>> = {
  "*go.opentelemetry.io/otel/sdk/trace.recordingSpan": "spanContext",
  "go.opentelemetry.io/otel/sdk/trace.nonRecordingSpan": "sc",
  "go.opentelemetry.io/otel/trace.nonRecordingSpan": "sc",
};

/** Spans that the application makes without an SDK: ebpf/include/open_span.h, made_spans. */
const madeSpans: ReadonlySet<string> = new Set([
  "*go.opentelemetry.io/auto/sdk.span",
  "*go.opentelemetry.io/otel/trace.autoSpan",
  "go.opentelemetry.io/otel/internal/global.nonRecordingSpan",
]);

/** Those of them that are all the same: only the context that holds one is known. */
const heldSpan = "go.opentelemetry.io/otel/trace.noopSpan";

/** An offset that isn't there, as the BPF programs have it. */
const absent = 0xffff;
const pointerSize = 8;
/** Embedded structs in embedded structs. */
const maxDepth = 4;

/** Rules for each type that the program anywhere turns into a context.Context: the linker keeps an itab of each. */
export function contextRules({ itabsOf, types }: GoBinary): readonly ContextRule[] {
  const contexts = itabsOf(contextInterface).flatMap((itab) => contextRule(types, itab) ?? []);
  const spans = itabsOf(spanInterface).flatMap((itab) => spanRule(types, itab) ?? []);
  return [...contexts, ...spans];
}

export function hasApplicationSpans(rules: readonly ContextRule[]): boolean {
  return rules.some(({ kind }) => kind === "span" || kind === "made" || kind === "held");
}

export function hasMadeSpans(rules: readonly ContextRule[]): boolean {
  return rules.some(({ kind }) => kind === "made" || kind === "held");
}

/** Keys and values of the map `context_rules`. */
export function contextRuleEntries(
  rules: readonly ContextRule[],
  loadBias: number,
): readonly { readonly key: Buffer; readonly value: Buffer }[] {
  return rules.flatMap(({ keys, kind, parent, through = absent, value = absent }) => {
    const rule = encodeContextRule({ parent, through, value, kind: ContextKind[kind] });
    return keys.map((address) => ({ key: u64(address + loadBias), value: rule }));
  });
}

function contextRule(
  types: RuntimeTypes,
  { address, concreteType, concreteName }: Itab,
): ContextRule | undefined {
  const layout = types.structAt(concreteType);
  const place = layout && parentPlace(types, layout.struct, maxDepth);
  if (!layout || !place || place.parent >= absent) return undefined;
  const base = { type: concreteName, keys: [address, concreteType] };
  if (place.through === undefined) {
    const value = concreteName === "*context.valueCtx" ? offsetOf(layout.struct, "val") : undefined;
    return { ...base, kind: "field", parent: place.parent, value };
  }
  // An interface value holds a struct of nothing but a pointer as this pointer itself.
  const isDirect = !layout.isPointer && layout.struct.size === pointerSize;
  return isDirect
    ? { ...base, kind: "field", parent: place.parent }
    : { ...base, kind: "through", parent: place.parent, through: place.through };
}

interface ParentPlace {
  readonly parent: number;
  readonly through?: number;
}

/** A field that is a context, else one of an embedded struct, else one behind a pointer that leads to a context. */
function parentPlace(types: RuntimeTypes, struct: StructType, depth: number): ParentPlace | undefined {
  if (depth === 0) return undefined;
  const own = struct.fields.filter(({ typeName }) => typeName === contextInterface);
  // net.onlyValuesCtx embeds an empty context and looks its values up in the other one.
  const parent = own.find(({ name }) => name === "lookupValues") ?? own[0];
  if (parent) return { parent: parent.offset };
  for (const { embedded, offset, type } of struct.fields) {
    const layout = embedded && type !== undefined ? types.structAt(type) : undefined;
    const inner = layout && !layout.isPointer && parentPlace(types, layout.struct, depth - 1);
    if (inner)
      return inner.through === undefined
        ? { parent: offset + inner.parent }
        : { parent: inner.parent, through: offset + inner.through };
  }
  for (const { embedded, typeName, offset, type } of struct.fields) {
    if (type === undefined || !(embedded || typeName === "net/http.Request")) continue;
    const layout = types.structAt(type);
    const inner = layout?.isPointer ? parentPlace(types, layout.struct, depth - 1) : undefined;
    if (inner && inner.through === undefined) return { parent: inner.parent, through: offset };
  }
  return undefined;
}

function spanRule(types: RuntimeTypes, { concreteType, concreteName }: Itab): ContextRule | undefined {
  if (madeSpans.has(concreteName))
    return { type: concreteName, keys: [concreteType], kind: "made", parent: 0 };
  if (concreteName === heldSpan) return { type: concreteName, keys: [concreteType], kind: "held", parent: 0 };
  const wanted = applicationSpans[concreteName];
  const spanContext = types
    .structAt(concreteType)
    ?.struct.fields.find(({ name, type }) => name === wanted && type !== undefined);
  if (spanContext?.type === undefined) return undefined;
  const remote = types.structAt(spanContext.type)?.struct.fields.find(({ name }) => name === "remote");
  return {
    type: concreteName,
    keys: [concreteType],
    kind: "span",
    parent: spanContext.offset,
    value: remote && spanContext.offset + remote.offset,
  };
}

function offsetOf({ fields }: StructType, wanted: string): number | undefined {
  return fields.find(({ name }) => name === wanted)?.offset;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
