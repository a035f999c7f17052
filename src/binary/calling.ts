/**
 * In which registers, and where on the stack, Go passes the arguments and results of a call.
 * https://github.com/golang/go/blob/go1.27.4/src/cmd/compile/abi-internal.md ("Function call argument and result passing")
 */
import { registers } from "./go-facts/registers.ts";
import { alignment, type GoType, maxDepth } from "./go-type.ts";
import type { Architecture } from "./types.ts";

/** A word of a value that is in registers. */
export interface RegisterPart {
  /** Bytes from the value's beginning. */
  readonly offset: number;
  readonly isFloat: boolean;
  /** Among the registers of its kind, from 0. */
  readonly number: number;
}

export type Place =
  | { readonly in: "registers"; readonly parts: readonly RegisterPart[] }
  /** Bytes from the beginning of the arguments' part of the stack. */
  | { readonly in: "stack"; readonly offset: number };

export interface CallPlaces {
  readonly arguments: readonly Place[];
  readonly results: readonly Place[];
}

/** amd64: X0 to X14; arm64: F0 to F15. */
const floatRegisters: Readonly<Record<Architecture, number>> = { amd64: 15, arm64: 16 };
const word = 8;

/** `types` are those of the receiver, what the compiler adds, and the arguments, in this order. */
export function placesOf(
  types: readonly GoType[],
  results: readonly GoType[],
  architecture: Architecture,
): CallPlaces {
  const assignment = new Assignment(architecture);
  const placed = types.map((type) => assignment.place(type));
  assignment.beginResults();
  return { arguments: placed, results: results.map((type) => assignment.place(type)) };
}

class Assignment {
  readonly #integers: number;
  readonly #floats: number;
  #used = { integers: 0, floats: 0 };
  #stack = 0;

  constructor(architecture: Architecture) {
    this.#integers = registers[architecture].arguments.value.split(" ").length;
    this.#floats = floatRegisters[architecture];
  }

  place(type: GoType): Place {
    const before = { ...this.#used };
    const parts: RegisterPart[] = [];
    // What has no bytes counts as on the stack.
    if (type.size > 0 && this.#take(type, 0, parts, 0)) return { in: "registers", parts };
    this.#used = before;
    return { in: "stack", offset: this.#push(type) };
  }

  beginResults(): void {
    this.#used = { integers: 0, floats: 0 };
    this.#stack = roundUp(this.#stack, word);
  }

  #push(type: GoType): number {
    const offset = roundUp(this.#stack, alignment(type));
    this.#stack = offset + type.size;
    return offset;
  }

  /** False: there are too few registers, or it is an array of several. */
  #take(type: GoType, offset: number, parts: RegisterPart[], depth: number): boolean {
    if (type.size === 0) return true;
    if (depth > maxDepth) return false;
    switch (type.kind) {
      case "struct":
        return (type.fields?.() ?? []).every(
          (field) => field.type && this.#take(field.type, offset + field.offset, parts, depth + 1),
        );
      case "array": {
        const elem = type.elem?.();
        return type.length === 1 && elem !== undefined && this.#take(elem, offset, parts, depth + 1);
      }
      case "float":
        return this.#add(parts, offset, true);
      case "complex":
        return this.#add(parts, offset, true) && this.#add(parts, offset + type.size / 2, true);
      default:
        return Array.from({ length: Math.ceil(type.size / word) }, (_, i) => offset + i * word).every((at) =>
          this.#add(parts, at, false),
        );
    }
  }

  #add(parts: RegisterPart[], offset: number, isFloat: boolean): boolean {
    const number = isFloat ? this.#used.floats++ : this.#used.integers++;
    parts.push({ offset, isFloat, number });
    return number < (isFloat ? this.#floats : this.#integers);
  }
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
