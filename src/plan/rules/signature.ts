/** What a function takes and returns: by DWARF, else by what its rule declares. */
import { type CallPlaces, type Place, placesOf } from "../../binary/calling.ts";
import { type GoType, pointerTo, predeclared } from "../../binary/go-type.ts";
import { packageOf } from "../../binary/package-of.ts";
import type { GoBinary, GoFunction } from "../../binary/types.ts";
import type { Rule } from "../../config/rules/rule.ts";
import { ruleReasons } from "../../report/rules.ts";
import { declaredType } from "./declared.ts";

export interface PlacedValue {
  readonly name: string;
  readonly type: GoType;
  readonly place: Place;
}

export interface Signature {
  readonly receiver: PlacedValue | undefined;
  /** Without the receiver. */
  readonly arguments: readonly PlacedValue[];
  readonly results: readonly PlacedValue[];
  /** False: there may be more of them than are known. */
  readonly isWhole: { readonly arguments: boolean; readonly results: boolean };
}

/** A type that can't be told; `reason` is for the user. */
export interface Unknown {
  readonly reason: string;
}

interface Named {
  readonly name: string;
  readonly type: GoType;
}

/** Made by the compiler for a function with type parameters, behind its receiver: shapeSig, cmd/compile/internal/noder/reader.go. */
const dictionary: Named = { name: ".dict", type: pointerTo("*[0]uintptr", () => undefined) };

export function signatureOf(binary: GoBinary, fn: GoFunction, rule: Rule): Signature | Unknown {
  const found = binary.debug?.signature(fn);
  const receiver = receiverOf(fn.name);
  if (found) {
    const own = receiver === undefined ? undefined : found.parameters[0];
    const rest = own ? found.parameters.slice(1) : found.parameters;
    return place(binary, fn, own, rest, found.results, { arguments: true, results: true });
  }
  const declared = declaredReceiver(binary, receiver);
  if (declared && "reason" in declared) return declared;
  const [given, results] = [declaredList(binary, rule, "argument"), declaredList(binary, rule, "result")];
  if ("reason" in given) return given;
  if ("reason" in results) return results;
  const isWhole = { arguments: rule.arguments !== undefined, results: rule.results !== undefined };
  return place(binary, fn, declared, given.types, results.types, isWhole);
}

function place(
  binary: GoBinary,
  { name }: GoFunction,
  receiver: Named | undefined,
  given: readonly Named[],
  results: readonly Named[],
  isWhole: Signature["isWhole"],
): Signature {
  const before = [...(receiver ? [receiver] : []), ...(hasDictionary(name) ? [dictionary] : [])];
  const all = [...before, ...given];
  const places = placesOf(
    all.map(({ type }) => type),
    results.map(({ type }) => type),
    binary.arch,
  );
  const placed = withPlaces(all, places.arguments);
  return {
    receiver: receiver && placed[0],
    arguments: placed.slice(before.length),
    results: withPlaces(results, places.results),
    isWhole,
  };
}

function withPlaces(values: readonly Named[], places: CallPlaces["arguments"]): readonly PlacedValue[] {
  return values.flatMap((value, index) => {
    const found = places[index];
    return found ? [{ name: value.name, type: value.type, place: found }] : [];
  });
}

/** Function literals, and what else the compiler names after the function that they stand in. */
const literal = /\.(func\d|gowrap\d|deferwrap\d|init\.\d|\d|glob\.)|-(range|fm)/;

/** Text behind the package, without type arguments: "(*Stack[int]).Push" → "(*Stack).Push". */
function withinPackage(name: string): string {
  return name.slice(packageOf(name).length).replace(/\[.*\]/, "");
}

/** "*main.Order" of main.(*Order).Place, "main.Order" of main.Order.Place; undefined for what is no method. */
function receiverOf(name: string): string | undefined {
  const within = withinPackage(name);
  if (literal.test(within)) return undefined;
  const pointer = /^\.\(\*([^()]+)\)\.[^.]+$/.exec(within)?.[1];
  if (pointer) return `*${packageOf(name)}.${pointer}`;
  const value = /^\.([^.()]+)\.[^.]+$/.exec(within)?.[1];
  return value && `${packageOf(name)}.${value}`;
}

/** A function literal finds the dictionary among the variables that it has taken along. */
function hasDictionary(name: string): boolean {
  return name.includes("[") && !literal.test(withinPackage(name));
}

function declaredReceiver(binary: GoBinary, name: string | undefined): Named | Unknown | undefined {
  if (name === undefined) return undefined;
  if (name.startsWith("*")) return { name: "receiver", type: declaredType(binary, name) as GoType };
  const type = declaredType(binary, name);
  return type ? { name: "receiver", type } : { reason: ruleReasons.unknownReceiver(name) };
}

/** Those of the list, else those that attributes tell of the first values, as far as there is no gap. */
function declaredList(
  binary: GoBinary,
  rule: Rule,
  of: "argument" | "result",
): { readonly types: readonly Named[] } | Unknown {
  const list = of === "argument" ? rule.arguments : rule.results;
  const texts = list ?? typesOfAttributes(rule, of);
  const types: Named[] = [];
  for (const text of texts) {
    const type = declaredType(binary, text);
    if (type === undefined) return { reason: ruleReasons.unknownType(text) };
    types.push({ name: "", type });
  }
  return { types };
}

function typesOfAttributes({ attributes }: Rule, of: "argument" | "result"): readonly string[] {
  const types: string[] = [];
  for (;;) {
    const next = attributes.find(
      (each) => each.of === of && each.which === types.length + 1 && isWhole(each.path) && each.type,
    )?.type;
    if (next === undefined) return types;
    types.push(next);
  }
}

function isWhole({ fields, length }: Rule["attributes"][number]["path"]): boolean {
  return fields.length === 0 && !length;
}

/** What errors are, and contexts. */
export const errorType = predeclared.get("error");
export const contextName = "context.Context";
