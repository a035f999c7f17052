/** A type of Go as its values lie in memory and in registers, whoever describes it: DWARF, or the runtime's metadata. */

export type TypeKind =
  | "bool"
  | "int"
  | "uint"
  | "float"
  | "complex"
  | "string"
  | "slice"
  | "array"
  | "struct"
  | "pointer"
  | "map"
  | "chan"
  | "func"
  /** With methods: its first word leads to an itab. */
  | "interface"
  /** Without: its first word is the type. */
  | "any";

export interface GoType {
  /** "int64", "*main.Order"; what a user would call it. */
  readonly name: string;
  readonly kind: TypeKind;
  /** Bytes of a value. */
  readonly size: number;
  /** Of a struct, in the order of their offsets. */
  readonly fields?: () => readonly TypedField[];
  /** What a pointer points to, or an array or slice consists of; undefined when nothing describes it. */
  readonly elem?: () => GoType | undefined;
  /** Of an array. */
  readonly length?: number;
}

export interface TypedField {
  readonly name: string;
  /** Bytes. */
  readonly offset: number;
  readonly embedded: boolean;
  readonly type: GoType | undefined;
}

/** By the numbers of internal/abi.Kind, from 1 on; those of the two kinds of interfaces are one there. */
export const kindsByNumber: readonly (TypeKind | undefined)[] = [
  undefined,
  "bool",
  ...(["int", "int", "int", "int", "int"] as const),
  ...(["uint", "uint", "uint", "uint", "uint", "uint"] as const),
  ...(["float", "float", "complex", "complex"] as const),
  ...(["array", "chan", "func", "interface", "map", "pointer", "slice", "string", "struct"] as const),
  "pointer",
];

const word = 8;

/** The types that the language itself has, by name. */
export const predeclared: ReadonlyMap<string, GoType> = new Map(
  [
    scalar("bool", "bool", 1),
    ...[8, 16, 32, 64].flatMap((bits) => [
      scalar(`int${bits}`, "int", bits / 8),
      scalar(`uint${bits}`, "uint", bits / 8),
    ]),
    scalar("int", "int", word),
    scalar("uint", "uint", word),
    scalar("uintptr", "uint", word),
    scalar("byte", "uint", 1),
    scalar("rune", "int", 4),
    scalar("float32", "float", 4),
    scalar("float64", "float", 8),
    scalar("complex64", "complex", 8),
    scalar("complex128", "complex", 16),
    scalar("string", "string", 2 * word),
    scalar("error", "interface", 2 * word),
    scalar("interface", "interface", 2 * word),
    scalar("any", "any", 2 * word),
    scalar("pointer", "pointer", word),
    scalar("map", "map", word),
    scalar("chan", "chan", word),
    scalar("func", "func", word),
    scalar("context.Context", "interface", 2 * word),
  ].map((type) => [type.name, type]),
);

function scalar(name: string, kind: TypeKind, size: number): GoType {
  return { name, kind, size };
}

export function pointerTo(name: string, elem: () => GoType | undefined): GoType {
  return { name, kind: "pointer", size: word, elem };
}

export function sliceOf(name: string, elem: () => GoType | undefined): GoType {
  return { name, kind: "slice", size: 3 * word, elem };
}

/** Bytes that a value's address is a multiple of. */
export function alignment(type: GoType, depth = 0): number {
  if (type.kind === "array") return innerAlignment(type.elem?.(), depth);
  if (type.kind !== "struct") return type.kind === "complex" ? type.size / 2 : Math.min(type.size, word) || 1;
  return Math.max(1, ...(type.fields?.() ?? []).map((field) => innerAlignment(field.type, depth)));
}

function innerAlignment(type: GoType | undefined, depth: number): number {
  return type && depth < maxDepth ? alignment(type, depth + 1) : word;
}

/** Structs in structs. Those of real programs are a few deep. */
export const maxDepth = 32;
