/** From an argument or a result to what a rule wants of it: which pointers to follow, and what to read there. */
import type { Place } from "../../binary/calling.ts";
import type { GoType } from "../../binary/go-type.ts";
import type { ValuePath } from "../../config/rules/rule.ts";
import { ValueKind } from "../../generated/libraries/rules.ts";
import { encodeValueAt } from "../../generated/shared.ts";
import type { RuledValue } from "../../libraries/rules/ruled-function.ts";
import { ruleReasons } from "../../report/rules.ts";
import type { PlacedValue, Unknown } from "./signature.ts";

/** MAX_HOPS of ebpf/libraries/rules/rules.h. */
const maxHops = 4;
const word = 8;
const maxOffset = 0xffff_ffff;

export interface FoundValue {
  readonly encoded: Buffer;
  readonly kind: RuledValue["kind"];
  readonly size: number;
  /** Of the registers for results: the first that is read, and the one behind the last. Undefined: none. */
  readonly registers: { readonly first: number; readonly end: number } | undefined;
}

export function findValue(
  { place, type, name }: PlacedValue,
  path: ValuePath,
  declared: string | undefined,
  atReturn: boolean,
): FoundValue | Unknown {
  const way = new Way(place, type);
  try {
    for (const field of path.fields) way.toField(field);
    if (path.length) way.toLength();
    else way.throughPointers();
    const { kind, size, read } = readingOf(way.type, declared);
    return way.end(kind, size, read, atReturn);
  } catch (error) {
    if (!(error instanceof NoWay)) throw error;
    return { reason: name ? `${name}: ${error.message}` : error.message };
  }
}

class NoWay extends Error {}

/** A place that moves: within a value, and over pointers to others. */
class Way {
  type: GoType;
  readonly #place: Place;
  /** Within the argument or result itself. */
  #within = 0;
  /** Bytes behind each pointer that was followed. */
  readonly #hops: number[] = [];

  constructor(place: Place, type: GoType) {
    this.#place = place;
    this.type = type;
  }

  toField(name: string): void {
    if (this.type.kind === "pointer") this.#follow();
    if (this.type.kind !== "struct")
      throw new NoWay(ruleReasons.noFields(this.type.name, this.type.kind, name));
    const found = fieldOf(this.type, name);
    if (found === undefined) throw new NoWay(ruleReasons.noField(this.type.name, name, namesOf(this.type)));
    for (const { offset, type } of found) {
      if (this.type.kind === "pointer") this.#follow();
      if (type === undefined) throw new NoWay(ruleReasons.noFieldType(name));
      this.#add(offset);
      this.type = type;
    }
  }

  toLength(): void {
    if (this.type.kind === "pointer") this.#follow();
    const { kind, name } = this.type;
    // A map and a channel begin with the number of what they hold: cmd/compile's len does the same.
    if (kind === "map" || kind === "chan") this.#hop();
    else if (kind === "slice" || kind === "string") this.#add(word);
    else throw new NoWay(ruleReasons.noLength(name));
    this.type = { name: "int", kind: "int", size: word };
  }

  throughPointers(): void {
    while (this.type.kind === "pointer") {
      const elem = this.type.elem?.();
      if (elem === undefined) throw new NoWay(ruleReasons.isPointer(this.type.name));
      this.#follow();
    }
  }

  end(kind: RuledValue["kind"], size: number, read: number, atReturn: boolean): FoundValue {
    const place = this.#place;
    if (this.#hops.length > maxHops) throw new NoWay(ruleReasons.tooManyPointers(maxHops));
    const [slot, register] =
      place.in === "stack" ? [place.offset + this.#within, undefined] : [0, this.#register()];
    const offsets = Buffer.alloc(4 * maxHops);
    for (const [index, offset] of this.#hops.entries()) offsets.writeUInt32LE(offset, 4 * index);
    const words = this.#hops.length === 0 && kind === "text" ? 2 : 1;
    return {
      encoded: encodeValueAt({
        offsets,
        slot,
        kind: read,
        inRegister: Number(register !== undefined),
        number: register ?? 0,
        hops: this.#hops.length,
        size,
        atReturn: Number(atReturn),
      }),
      kind,
      size,
      registers: register === undefined ? undefined : { first: register, end: register + words },
    };
  }

  #register(): number {
    const parts = this.#place.in === "registers" ? this.#place.parts : [];
    const part = parts.find(({ offset }) => offset === this.#within);
    if (part === undefined) throw new NoWay(ruleReasons.noRegister);
    if (part.isFloat) throw new NoWay(ruleReasons.floatRegister);
    return part.number;
  }

  #follow(): void {
    const elem = this.type.elem?.();
    if (elem === undefined) throw new NoWay(ruleReasons.unknownType(this.type.name.replace(/^\*/, "")));
    this.#hop();
    this.type = elem;
  }

  #hop(): void {
    this.#hops.push(0);
  }

  #add(bytes: number): void {
    const last = this.#hops.length - 1;
    if (last < 0) this.#within += bytes;
    else this.#hops[last] = (this.#hops[last] ?? 0) + bytes;
    if (this.#within > maxOffset || (this.#hops[last] ?? 0) > maxOffset)
      throw new NoWay(ruleReasons.noRegister);
  }
}

interface Step {
  readonly offset: number;
  readonly type: GoType | undefined;
}

/** Embedded structs whose fields are the struct's own are looked into, the outer ones first. */
const maxEmbedded = 4;

function fieldOf(struct: GoType, name: string, depth = 0): readonly Step[] | undefined {
  const fields = struct.fields?.() ?? [];
  const own = fields.find((field) => field.name === name);
  if (own) return [own];
  if (depth >= maxEmbedded) return undefined;
  for (const field of fields.filter(({ embedded }) => embedded)) {
    const inner = field.type?.kind === "pointer" ? field.type.elem?.() : field.type;
    const found = inner?.kind === "struct" ? fieldOf(inner, name, depth + 1) : undefined;
    if (found) return [field, ...found];
  }
  return undefined;
}

function namesOf(struct: GoType): readonly string[] {
  return (struct.fields?.() ?? []).map(({ name }) => name);
}

function readingOf(
  type: GoType,
  declared: string | undefined,
): { readonly kind: RuledValue["kind"]; readonly size: number; readonly read: number } {
  const found = natural(type);
  if (found === undefined) throw new NoWay(whyNone(type));
  if (declared !== undefined && !fits(type, declared))
    throw new NoWay(ruleReasons.otherType(type.name, declared));
  return found;
}

function natural(type: GoType) {
  const { kind, size } = type;
  switch (kind) {
    case "bool":
    case "int":
    case "uint":
    case "float":
      return { kind, size, read: ValueKind.number };
    case "string":
      return { kind: "text", size: 0, read: ValueKind.text } as const;
    case "slice":
      return type.elem?.()?.size === 1
        ? ({ kind: "text", size: 0, read: ValueKind.text } as const)
        : undefined;
    case "interface":
      return { kind: "type", size: 0, read: ValueKind.type } as const;
    case "any":
      return { kind: "type", size: 0, read: ValueKind.anyType } as const;
    default:
      return undefined;
  }
}

function whyNone(type: GoType): string {
  if (type.kind === "struct") return ruleReasons.isStruct(type.name, namesOf(type));
  const hasLength = ["slice", "map", "chan"].includes(type.kind);
  return hasLength ? ruleReasons.onlyLength(type.name) : ruleReasons.notReadable(type.name, type.kind);
}

/** The words of the language for a value's kind, or the type's own name. */
function fits({ name, kind, size }: GoType, declared: string): boolean {
  if (name === declared) return true;
  const plain = declared.replace(/^\*+/, "");
  switch (kind) {
    case "int":
      return (
        plain === `int${8 * size}` || (size === 8 && plain === "int") || (size === 4 && plain === "rune")
      );
    case "uint":
      return (
        plain === `uint${8 * size}` ||
        (size === 8 && ["uint", "uintptr"].includes(plain)) ||
        (size === 1 && plain === "byte")
      );
    case "float":
      return plain === `float${8 * size}`;
    case "slice":
      return ["[]byte", "[]uint8"].includes(plain);
    case "interface":
    case "any":
      return ["error", "interface", "any"].includes(plain);
    default:
      return plain === kind;
  }
}
