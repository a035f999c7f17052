/** Why a rule, or one of its functions, is left out: each is the second half of "rule …: …". */
import { counted } from "./count.ts";
import { printable } from "./printable.ts";

const mostNames = 8;

function listed(names: readonly string[]): string {
  const shown = names
    .slice(0, mostNames)
    .map((name) => printable(name))
    .join(", ");
  return names.length > mostNames ? `${shown}, …` : shown;
}

function near(names: readonly string[]): string {
  return names.length === 0 ? "" : `; near it: ${listed(names)}`;
}

export const ruleReasons = {
  leftOut: (pattern: string, line: number, name: string | undefined, reason: string) =>
    `${name === undefined ? printable(pattern) : printable(name)} (rule in line ${line}): ${printable(reason)}`,
  noFunction: (names: readonly string[]) => `the program has no such function${near(names)}`,
  noFunctions: (names: readonly string[]) => `no function of the program fits${near(names)}`,
  inlined: (names: readonly string[]) =>
    `it is inlined wherever it is called, so that there is no place for a probe; //go:noinline keeps it whole${near(names)}`,
  ofOthers: (rules: readonly { readonly process?: string | undefined }[]) =>
    `the config file's rules are for other executables: ${listed([...new Set(rules.flatMap(({ process }) => process ?? []))])}`,
  untouchable: "a part of Go's runtime, where probes must not be",
  tooMany: (most: number) => `rules name more than ${counted(most, "function")} together`,
  unknownReceiver: (name: string) => `neither DWARF nor the runtime's types tell what ${name} is`,
  unknownType: (name: string) => `neither DWARF nor the runtime's types tell what ${name} is`,
  undeclared: (of: "argument" | "result", which: number | string) =>
    typeof which === "number"
      ? `the program does not tell the types of its ${of}s: the rule needs ${of}s: [type, …], up to ${of} ${which}`
      : `the program does not tell the names of its ${of}s: the rule needs the number, and ${of}s: [type, …]`,
  noSuchValue: (of: "argument" | "result", which: number | string, names: readonly string[]) =>
    `there is no ${of} ${which}; ${names.length === 0 ? `it has no ${of}s` : `${of}s are ${listed(names)}`}`,
  noReceiver: "it is no method, and has no receiver",
  noField: (type: string, name: string, names: readonly string[]) =>
    `${type} has no field ${name}; fields are ${listed(names)}`,
  noFields: (type: string, kind: string, name: string) =>
    `${type} is ${kind === "struct" ? "a struct" : kind === "pointer" ? "a pointer" : `of the kind ${kind}`} and has no field ${name}`,
  noFieldType: (name: string) => `nothing tells the type of the field ${name}`,
  noLength: (type: string) => `${type} has no length`,
  onlyLength: (type: string) => `of ${type} only the length can be told: path len()`,
  isStruct: (type: string, names: readonly string[]) =>
    `${type} is a struct: the path must name one of its fields, ${listed(names)}`,
  isPointer: (type: string) => `what ${type} points to is not known`,
  notReadable: (type: string, kind: string) => `values of ${type}, of the kind ${kind}, can't be told`,
  otherType: (type: string, declared: string) => `it is of type ${type}, not ${declared}`,
  tooManyPointers: (most: number) => `the path follows more than ${counted(most, "pointer")}`,
  noRegister: "its place is not known",
  floatRegister:
    "it is passed in a floating-point register, which the kernel does not show to probes; a float64 within a struct behind a pointer can be told",
};
