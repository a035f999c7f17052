/** One function that a rule names: what is read of its calls, and how its span is called. */
import { SpanKind } from "@opentelemetry/api";
import type { GoBinary, GoFunction } from "../../binary/types.ts";
import type { Rule, RuleAttribute } from "../../config/rules/rule.ts";
import { encodeRuledFunction } from "../../generated/shared.ts";
import type { RuledFunction } from "../../libraries/rules/ruled-function.ts";
import { ruleReasons } from "../../report/rules.ts";
import { plainName } from "./match.ts";
import {
  contextName,
  errorType,
  type PlacedValue,
  type Signature,
  signatureOf,
  type Unknown,
} from "./signature.ts";
import { type FoundValue, findValue } from "./value.ts";

/** MAX_VALUES of ebpf/libraries/rules/rules.h; behind them stand the error and the context. */
const maxValues = 8;
const sizeOfValue = 28;

export interface RuledPlan {
  readonly fn: GoFunction;
  readonly rule: Rule;
  readonly span: RuledFunction;
  /** Of the registers for results: how many are read, and the first of them. */
  readonly results: number;
  readonly firstResult: number;
  /** Some of the results that are read are on the stack, where its caller may overwrite them. */
  readonly readsStack: boolean;
  /** struct ruled_function: `itself` and `flagsTest` say where its probes are. */
  readonly encode: (itself: boolean, flagsTest: boolean) => Buffer;
}

export function planRuled(binary: GoBinary, fn: GoFunction, rule: Rule): RuledPlan | Unknown {
  const signature = signatureOf(binary, fn, rule);
  if ("reason" in signature) return signature;
  const values: FoundValue[] = [];
  for (const attribute of rule.attributes) {
    const found = readingFor(signature, attribute);
    if ("reason" in found) return { reason: `${attribute.name}: ${found.reason}` };
    values.push(found);
  }
  const error = errorOf(signature);
  const context = contextOf(signature);
  const read = rule.attributes.flatMap(({ of }, index) =>
    of === "result" ? [values[index]?.registers] : [],
  );
  const registers = [...read, error?.registers].filter((each) => each !== undefined);
  const results = Math.max(0, ...registers.map(({ end }) => end));
  const firstResult = results === 0 ? 0 : Math.min(...registers.map(({ first }) => first));
  const encoded = Buffer.alloc(sizeOfValue * (maxValues + 2));
  for (const [index, value] of values.entries()) value.encoded.copy(encoded, sizeOfValue * index);
  error?.encoded.copy(encoded, sizeOfValue * maxValues);
  context?.encoded.copy(encoded, sizeOfValue * (maxValues + 1));
  return {
    fn,
    rule,
    span: spanOf(fn, rule, values),
    results,
    firstResult,
    readsStack: [error, ...values.filter((_, index) => rule.attributes[index]?.of === "result")].some(
      (value) => value !== undefined && value.registers === undefined,
    ),
    encode: (itself, flagsTest) =>
      encodeRuledFunction({
        values: encoded,
        share: BigInt(Math.round(rule.ratio * 2 ** 32)),
        rate: rule.limit ?? 0,
        results,
        firstResult,
        itself: Number(itself),
        flagsTest: Number(flagsTest),
        errorMessage: Number(rule.errorMessage),
      }),
  };
}

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

function spanOf(
  { name }: GoFunction,
  { span, attributes }: Rule,
  values: readonly FoundValue[],
): RuledFunction {
  return {
    name: plainName(name),
    spanName: span.name ?? plainName(name).replace(/[{}]/g, ""),
    kind: kinds[span.kind],
    values: values.map(({ kind, size }, index) => ({ attribute: attributes[index]?.name ?? "", kind, size })),
  };
}

function readingFor(signature: Signature, attribute: RuleAttribute): FoundValue | Unknown {
  const found = chosen(signature, attribute);
  return "reason" in found
    ? found
    : findValue(found, attribute.path, attribute.type, attribute.of === "result");
}

function chosen(signature: Signature, { of, which }: RuleAttribute): PlacedValue | Unknown {
  if (of === "argument" && which === "receiver")
    return signature.receiver ?? { reason: ruleReasons.noReceiver };
  const [list, isWhole] =
    of === "argument"
      ? [signature.arguments, signature.isWhole.arguments]
      : [signature.results, signature.isWhole.results];
  const receiver = of === "argument" && signature.receiver ? [signature.receiver] : [];
  const found =
    typeof which === "number" ? list[which - 1] : [...list, ...receiver].find(({ name }) => name === which);
  if (found) return found;
  if (!isWhole) return { reason: ruleReasons.undeclared(of, which) };
  const names = list.map(({ name, type }) => (name ? `${name} ${type.name}` : type.name));
  return { reason: ruleReasons.noSuchValue(of, which, names) };
}

/** The last result, where it is an error. */
function errorOf({ results }: Signature): FoundValue | undefined {
  const last = results.at(-1);
  if (last?.type.name !== errorType?.name || last?.type.kind !== "interface") return undefined;
  return orNone(findValue(last, { fields: [], length: false }, undefined, true));
}

/** The first argument that is a context. */
function contextOf({ arguments: given }: Signature): FoundValue | undefined {
  const found = given.find(({ type }) => type.name === contextName);
  return found && orNone(findValue(found, { fields: [], length: false }, undefined, false));
}

function orNone(found: FoundValue | Unknown): FoundValue | undefined {
  return "reason" in found ? undefined : found;
}
